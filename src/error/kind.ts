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
  'stream_silence_timeout',
  'provider_disabled',
  'content_filter',
  'missing_key',
  'generic',
  'interrupted',
] as const);

/** One of {@link ERROR_KINDS}. */
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** Earlier names of kinds. They are accepted wherever an application names a kind. */
const RENAMED = { startup_timeout: 'stream_silence_timeout' } as const satisfies Record<string, ErrorKind>;

/** A kind as an application may name it: one of {@link ERROR_KINDS}, or the earlier name of one. */
export type ErrorKindName = ErrorKind | keyof typeof RENAMED;

const BY_NAME: ReadonlyMap<unknown, ErrorKind> = new Map<unknown, ErrorKind>([
  ...ERROR_KINDS.map((kind) => [kind, kind] as const),
  ...Object.entries(RENAMED),
]);

/** The kind of that name, current or earlier; `undefined` for anything else. */
export function errorKind(name: unknown): ErrorKind | undefined {
  return BY_NAME.get(name);
}

export function isErrorKindName(value: unknown): value is ErrorKindName {
  return BY_NAME.has(value);
}

const RETRYABLE: ReadonlySet<ErrorKind> = new Set([
  'overloaded',
  'rate_limit',
  'timeout',
  'stream_silence_timeout',
]);

/** Whether trying again may help, where nothing but the kind is known. */
export function isRetryableKind(kind: ErrorKind): boolean {
  return RETRYABLE.has(kind);
}

/** `provider` is the name to show. */
const MESSAGES: Readonly<Record<ErrorKind, (provider: string) => string>> = {
  overloaded: (provider) => `${provider} is temporarily overloaded.`,
  rate_limit: (provider) => `${provider} is rate limiting requests.`,
  usage_limit: (provider) => `The usage quota for ${provider} has been exceeded. Check plan and billing.`,
  auth: (provider) => `Authentication with ${provider} failed. Check the API key and what it may access.`,
  config: (provider) => `${provider} rejected the model configuration. Check the model and its settings.`,
  timeout: (provider) => `${provider} is temporarily unavailable.`,
  stream_silence_timeout: (provider) => `${provider} sent nothing for too long.`,
  provider_disabled: (provider) => `${provider} is disabled.`,
  content_filter: (provider) => `${provider} blocked the request or its answer for its content.`,
  missing_key: (provider) => `There is no API key for ${provider}.`,
  generic: (provider) => `${provider} returned an unexpected error.`,
  interrupted: () => 'The request was interrupted.',
};

/** One sentence for people. */
export function messageFor(kind: ErrorKind, provider: string): string {
  const message = MESSAGES[kind](provider);
  return message.charAt(0).toUpperCase() + message.slice(1);
}
