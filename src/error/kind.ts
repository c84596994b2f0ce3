/**
 * Every kind an error can have. `generic` is the one nobody expected, and the only one that is kept unless
 * configured otherwise; the rest are known conditions of running on language models.
 */
export const ERROR_KINDS = Object.freeze([
  'overloaded',
  'rate_limit',
  'usage_limit',
  'auth',
  'config',
  'timeout',
  'startup_timeout',
  'provider_disabled',
  'content_filter',
  'missing_key',
  'generic',
  'interrupted',
] as const);

/** One of {@link ERROR_KINDS}. */
export type ErrorKind = (typeof ERROR_KINDS)[number];

const KNOWN: ReadonlySet<unknown> = new Set(ERROR_KINDS);

export function isErrorKind(value: unknown): value is ErrorKind {
  return KNOWN.has(value);
}

/** Whether trying again may help, by kind: what holds where nothing more is known. */
const RETRYABLE: ReadonlySet<ErrorKind> = new Set(['overloaded', 'rate_limit', 'timeout', 'startup_timeout']);

export function isRetryableKind(kind: ErrorKind): boolean {
  return RETRYABLE.has(kind);
}
