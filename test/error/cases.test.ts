import { classifyError } from '../../src/error/index.js';
import type { Case } from '../fixtures/errors/case.js';
import { MISSING_KEYS, PROXIES, SETTINGS } from '../fixtures/errors/configuration-exceptions.js';
import { ENVELOPES } from '../fixtures/errors/envelopes.js';
import { GATEWAYS } from '../fixtures/errors/gateways.js';
import { LIMITS, LINKS } from '../fixtures/errors/links-and-limits.js';
import { PROVIDERS } from '../fixtures/errors/providers.js';
import { PROVIDERS_IN_CHINA } from '../fixtures/errors/providers-china.js';
import { NAMES } from '../fixtures/errors/refused-names.js';
import { ROUTERS } from '../fixtures/errors/routers.js';
import { SDKS } from '../fixtures/errors/sdk-exceptions.js';
import { ANSWERS, EVENTS, TEXTS, TRANSPORT } from '../fixtures/errors/transport-exceptions.js';

describe.each(
  Object.entries({
    'names in a refused request': NAMES,
    links: LINKS,
    limits: LIMITS,
    routers: ROUTERS,
    gateways: GATEWAYS,
    providers: PROVIDERS,
    'providers in China': PROVIDERS_IN_CHINA,
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
