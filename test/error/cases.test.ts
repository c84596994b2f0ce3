import { classifyError } from '../../src/error/index.js';
import { ENVELOPES, GATEWAYS, LIMITS, LINKS, NAMES } from '../fixtures/errors/bodies.js';
import type { Case } from '../fixtures/errors/case.js';
import {
  ANSWERS,
  EVENTS,
  MISSING_KEYS,
  PROXIES,
  SDKS,
  SETTINGS,
  TEXTS,
  TRANSPORT,
} from '../fixtures/errors/exceptions.js';

describe.each(
  Object.entries({
    'names in a refused request': NAMES,
    links: LINKS,
    limits: LIMITS,
    gateways: GATEWAYS,
    envelopes: ENVELOPES,
    'errors of SDKs': SDKS,
    'missing keys': MISSING_KEYS,
    'settings and certificates': SETTINGS,
    proxies: PROXIES,
    'events of streams': EVENTS,
    transport: TRANSPORT,
    answers: ANSWERS,
    texts: TEXTS,
  }),
)('%s', (_, cases: readonly Case[]) => {
  test.each(cases.map((one) => [one.what, one] as const))('%s', (_, { what: __, error, ...expected }) => {
    const { kind, errorType, detail, statusCode, retryable } = classifyError(error);
    expect({ kind, errorType, detail, statusCode, retryable }).toEqual(expected);
  });
});
