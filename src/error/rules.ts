import * as codes from './codes.js';
import type { Evidence, RuleResult } from './kinds.js';
import * as phrase from './phrases.js';

/** Returns a description of the matched evidence, or `undefined`. */
export type Match = (evidence: Evidence) => string | undefined;

export interface Rule extends RuleResult {
  readonly name: string;
  readonly match: Match;
}

function statusOf(evidence: Evidence): number | undefined {
  return evidence.status ?? evidence.textStatus;
}

function status(...wanted: readonly number[]): Match {
  return (evidence) => {
    const found = statusOf(evidence);
    return found !== undefined && wanted.includes(found) ? `status ${found}` : undefined;
  };
}

function code(wanted: readonly string[]): Match {
  const set = new Set(wanted);
  return ({ codes }) => {
    for (const found of codes) if (set.has(found)) return `code ${found}`;
    return undefined;
  };
}

function codeLike(wanted: RegExp): Match {
  return ({ codes }) => {
    for (const found of codes) if (wanted.test(found)) return `code ${found}`;
    return undefined;
  };
}

function text(wanted: RegExp): Match {
  return (evidence) => matchedText(evidence.text, wanted);
}

/** Matches the complete text, including links and names of request parts. */
function completeText(wanted: RegExp): Match {
  return (evidence) => matchedText(evidence.fullText, wanted);
}

function matchedText(text: string, wanted: RegExp): string | undefined {
  const found = text === '' ? null : wanted.exec(text);
  return found === null ? undefined : `text "${found[0]}"`;
}

function any(...matches: readonly Match[]): Match {
  return (evidence) => {
    for (const match of matches) {
      const found = match(evidence);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function both(first: Match, second: Match): Match {
  return (evidence) => {
    const found = first(evidence);
    const also = found === undefined ? undefined : second(evidence);
    return also === undefined ? undefined : `${found}, ${also}`;
  };
}

function unless(exception: Match, match: Match): Match {
  return (evidence) => {
    const found = match(evidence);
    return found === undefined || exception(evidence) !== undefined ? undefined : found;
  };
}

/** The provider rejected the request, so words such as "timeout" in its message refer to the request. */
const rejected: Match = (evidence) => (evidence.rejected ? 'rejected request' : undefined);

const ifNoStatus =
  (match: Match): Match =>
  (evidence) =>
    statusOf(evidence) === undefined ? match(evidence) : undefined;

const serverStatus: Match = (evidence) => {
  const found = statusOf(evidence) ?? 0;
  return found >= 500 ? `status ${found}` : undefined;
};

const rateLimited = any(status(429), code(codes.RATE_LIMIT_CODES));

/** A request that is always too large. Groq uses the same status for a limit of tokens per minute. */
const tooLarge = unless(any(code(codes.RATE_LIMIT_CODES), text(phrase.TOKENS_PER_TIME)), status(413));

const config = any(
  code(codes.CONFIG_CODES),
  codeLike(codes.TLS_CODE),
  tooLarge,
  text(phrase.CONFIG),
  both(any(status(404), code(['not_found_error'])), text(phrase.MODEL)),
);

/** The rules in order of precedence. The application's own classification precedes them. */
export const RULES: readonly Rule[] = [
  { name: 'interrupted', match: text(phrase.INTERRUPTED), kind: 'interrupted', retryable: false },
  {
    name: 'continuity',
    match: completeText(phrase.CONTINUITY),
    kind: 'generic',
    retryable: false,
    detail: 'The history sent to the provider lacks a tool result or a reasoning item that it needs.',
  },
  { name: 'stream cut', match: text(phrase.STREAM_CUT), kind: 'timeout', retryable: true },
  {
    name: 'proxy',
    match: unless(status(407), any(codeLike(codes.PROXY_CODE), text(phrase.PROXY_REFUSAL))),
    kind: 'timeout',
    retryable: true,
  },
  {
    name: 'previous response',
    match: any(code(codes.PREVIOUS_RESPONSE_CODES), text(phrase.PREVIOUS_RESPONSE)),
    kind: 'generic',
    retryable: true,
    chainBroken: true,
  },
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
    match: ifNoStatus(any(code(codes.MISSING_KEY_CODES), text(phrase.MISSING_KEY))),
    kind: 'missing_key',
    retryable: false,
  },
  {
    name: 'usage limit',
    match: any(
      code(codes.USAGE_LIMIT_CODES),
      status(402),
      text(phrase.OUT_OF_QUOTA),
      unless(rateLimited, text(phrase.QUOTA)),
    ),
    kind: 'usage_limit',
    retryable: false,
  },
  {
    name: 'unauthorized',
    match: any(status(401, 407), code(codes.UNAUTHORIZED_CODES), text(phrase.UNAUTHORIZED)),
    kind: 'auth',
    retryable: false,
  },
  {
    name: 'forbidden',
    match: unless(config, any(status(403), code(codes.FORBIDDEN_CODES), text(phrase.FORBIDDEN))),
    kind: 'auth',
    retryable: false,
  },
  {
    name: 'rate limit',
    match: unless(
      config,
      any(
        rateLimited,
        both(status(413), text(phrase.TOKENS_PER_TIME)),
        unless(rejected, text(phrase.RATE_LIMIT)),
      ),
    ),
    kind: 'rate_limit',
    retryable: true,
  },
  {
    name: 'provider disabled',
    match: code(codes.PROVIDER_DISABLED_CODES),
    kind: 'provider_disabled',
    retryable: false,
  },
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
        unless(rejected, text(phrase.TRANSPORT)),
      ),
    ),
    kind: 'timeout',
    retryable: true,
  },
  { name: 'config', match: config, kind: 'config', retryable: false },
  {
    name: 'server error',
    match: any(serverStatus, code(codes.SERVER_ERROR_CODES), unless(rejected, text(phrase.SERVER_ERROR))),
    kind: 'generic',
    retryable: true,
  },
  {
    name: 'cancelled',
    match: any(status(499), code(codes.CANCELLED_CODES), text(phrase.CANCELLED)),
    kind: 'interrupted',
    retryable: false,
  },
  { name: 'unexpected', match: () => '', kind: 'generic', retryable: false },
];
