import * as codes from './codes.js';
import { any, both, code, type Match, status, statusOf, text, unless } from './match.js';
import * as phrase from './phrases.js';
import type { Verdict } from './settle.js';

/** One row: what it matches, and what an error that matches it is. */
export interface Rule extends Verdict {
  readonly name: string;
  readonly match: Match;
}

/** The provider refused this very request; words of waiting in its answer are about the request. */
const refused: Match = ({ status: found }) =>
  found !== undefined && [400, 404, 405, 409, 413, 415, 422].includes(found) ? `status ${found}` : undefined;

const anyStatus: Match = (evidence) => (statusOf(evidence) === undefined ? undefined : 'a status');

const serverStatus: Match = (evidence) => {
  const found = statusOf(evidence) ?? 0;
  return found >= 500 ? `status ${found}` : undefined;
};

const config = any(
  code(codes.CONFIG_CODES),
  status(413),
  text(phrase.CONFIG),
  both(any(status(404), code(['not_found_error'])), text(phrase.MODEL)),
);

/**
 * The rules in order; the first that matches decides. The numbers are those of "Error kinds, in order" in the
 * reference; what it has as kinds without a rule (content filter, missing key) stands where it says most.
 * Rule 1, what the application attached, comes before the table. Rule 16 is the last row.
 */
export const RULES: readonly Rule[] = [
  // 2
  { name: 'interrupted', match: text(phrase.INTERRUPTED), kind: 'interrupted', retryable: false },
  // 3
  {
    name: 'continuity',
    match: text(phrase.CONTINUITY),
    kind: 'generic',
    retryable: false,
    detail: 'The history sent to the provider lacks a tool result or a reasoning item that it needs.',
  },
  // 4
  { name: 'stream cut', match: text(phrase.STREAM_CUT), kind: 'timeout', retryable: true },
  // 5
  {
    name: 'previous response',
    match: any(code(codes.PREVIOUS_RESPONSE_CODES), text(phrase.PREVIOUS_RESPONSE)),
    kind: 'generic',
    retryable: true,
    chainBroken: true,
  },
  // 6
  {
    name: 'overloaded',
    match: any(status(529), code(codes.OVERLOADED_CODES), text(phrase.OVERLOADED)),
    kind: 'overloaded',
    retryable: true,
  },
  {
    name: 'content filter',
    match: any(code(codes.CONTENT_FILTER_CODES), text(phrase.CONTENT_FILTER)),
    kind: 'content_filter',
    retryable: false,
  },
  {
    name: 'missing key',
    match: unless(anyStatus, any(code(codes.MISSING_KEY_CODES), text(phrase.MISSING_KEY))),
    kind: 'missing_key',
    retryable: false,
  },
  // 7
  {
    name: 'usage limit',
    match: any(
      code(codes.USAGE_LIMIT_CODES),
      status(402),
      text(phrase.OUT_OF_QUOTA),
      unless(status(429), text(phrase.QUOTA)),
    ),
    kind: 'usage_limit',
    retryable: false,
  },
  // 8
  {
    name: 'unauthorized',
    match: any(status(401), code(codes.UNAUTHORIZED_CODES), text(phrase.UNAUTHORIZED)),
    kind: 'auth',
    retryable: false,
  },
  // 9
  {
    name: 'forbidden',
    match: unless(config, any(status(403), code(codes.FORBIDDEN_CODES), text(phrase.FORBIDDEN))),
    kind: 'auth',
    retryable: false,
  },
  // 10
  {
    name: 'rate limit',
    match: unless(
      config,
      any(status(429), code(codes.RATE_LIMIT_CODES), unless(refused, text(phrase.RATE_LIMIT))),
    ),
    kind: 'rate_limit',
    retryable: true,
  },
  // 11
  {
    name: 'provider disabled',
    match: code(codes.PROVIDER_DISABLED_CODES),
    kind: 'provider_disabled',
    retryable: false,
  },
  // 12
  {
    name: 'own deadline',
    match: any(code(codes.DEADLINE_CODES), text(phrase.DEADLINE_OF_THE_CALLER)),
    kind: 'timeout',
    retryable: false,
  },
  {
    name: 'timeout',
    match: unless(
      config,
      any(
        status(408, 502, 503, 504, 521, 522, 523, 524),
        code(codes.TIMEOUT_CODES),
        code(codes.TRANSPORT_CODES),
        unless(refused, text(phrase.TRANSPORT)),
      ),
    ),
    kind: 'timeout',
    retryable: true,
  },
  // 13
  { name: 'config', match: config, kind: 'config', retryable: false },
  // 14
  {
    name: 'server error',
    match: any(serverStatus, code(codes.SERVER_ERROR_CODES), unless(refused, text(phrase.SERVER_ERROR))),
    kind: 'generic',
    retryable: true,
  },
  // 15
  {
    name: 'cancelled',
    match: any(status(499), code(codes.CANCELLED_CODES), text(phrase.CANCELLED)),
    kind: 'interrupted',
    retryable: false,
  },
  // 16
  { name: 'unexpected', match: () => '', kind: 'generic', retryable: false },
];
