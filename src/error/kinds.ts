import type { HeaderReader } from './values.js';

/** The classification of an error. Frozen. Unknown fields are `undefined`. Texts are redacted. */
export interface Classification {
  /** The kind of failure. Decides whether a run is recorded. */
  readonly kind: ErrorKind;
  /** One sentence for users, by kind, with the name of the provider. */
  readonly message: string;
  /**
   * The message of the provider or the transport: one line of at most 500 characters. For `auth` only the provider's
   * code.
   */
  readonly detail: string | undefined;
  /** `ClassifyOptions.provider`, else the recognised provider as in `gen_ai.provider.name`. */
  readonly provider: string | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** The HTTP status of the failure, 400 to 599. */
  readonly statusCode: number | undefined;
  /** The delay of `retry-after-ms` or `retry-after`, in milliseconds; above zero. */
  readonly retryAfterMillis: number | undefined;
  /** The previous response that the request refers to no longer exists: retry without its id. */
  readonly chainBroken: boolean;
  /** The provider's id of the request. */
  readonly requestId: string | undefined;
  /** The name of the exception's class. */
  readonly exceptionType: string | undefined;
  /**
   * The value of `error.type`, with low cardinality: the provider's error code or type, else the status, else the
   * system error code (`ECONNRESET`), else the exception's name, else `_OTHER`.
   */
  readonly errorType: string;
}

/** An application's own classification of an error. The rules determine the omitted fields. */
export type AttachedClassification = {
  readonly [K in keyof Classification]?: (K extends 'kind' ? ErrorKindName : Classification[K]) | undefined;
};

/** Options of `classifyError` and `explainError`. */
export interface ClassifyOptions {
  /** The provider that was called: a `gen_ai.provider.name` or any other name. Default: recognised from the error. */
  readonly provider?: string | undefined;
  /** Returns the time in milliseconds since the epoch, for a `retry-after` that is a date. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** Why an error got its kind. */
export interface Explanation {
  /** The result of `classifyError`. */
  readonly classification: Classification;
  /** The name of the rule that matched. */
  readonly rule: string;
  /**
   * The evidence that the rule matched, such as `status 429` or `code overloaded_error`; `undefined` for the last
   * rule.
   */
  readonly evidence: string | undefined;
}

/** The evidence of an error, its causes and its response. The input of the rules. */
export interface Evidence {
  /** The application's own classification; the outermost one. */
  readonly attached: AttachedClassification | undefined;
  /** The HTTP status by a field. */
  readonly status: number | undefined;
  /** The HTTP status by the text, if no field holds one. */
  readonly textStatus: number | undefined;
  /** The provider rejected the request as invalid. */
  readonly rejected: boolean;
  /** Codes, types and names of exceptions and bodies, in lower case. */
  readonly codes: ReadonlySet<string>;
  /** The complete text, in lower case. */
  readonly fullText: string;
  /** The text that the rules match: without links and, for a rejected request, without the names of its parts. */
  readonly text: string;
  /** The messages of exceptions, outermost first. */
  readonly messages: readonly string[];
  /** The messages of error bodies. */
  readonly bodyMessages: readonly string[];
  /** The text of a body that is not JSON. */
  readonly bodyText: string | undefined;
  /** The provider's names of the error: code, type, status. The first valid name is used. */
  readonly providerCodes: readonly string[];
  /** The error code of Node.js or undici. */
  readonly systemCode: string | undefined;
  readonly exceptionType: string | undefined;
  readonly requestId: string | undefined;
  readonly headers: HeaderReader | undefined;
  readonly url: string | undefined;
}

/** The result of a rule. */
export interface RuleResult {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly chainBroken?: true;
  /** Replaces the provider's message. */
  readonly detail?: string;
}

/**
 * All error kinds. `generic` is an unclassified error and the only kind that is recorded by default. The others are
 * known conditions of calling language models.
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

/** Earlier names of kinds, accepted wherever an application names a kind. */
const RENAMED = { startup_timeout: 'stream_silence_timeout' } as const satisfies Record<string, ErrorKind>;

/** One of {@link ERROR_KINDS} or an earlier name of one. */
export type ErrorKindName = ErrorKind | keyof typeof RENAMED;

const BY_NAME: ReadonlyMap<unknown, ErrorKind> = new Map<unknown, ErrorKind>([
  ...ERROR_KINDS.map((kind) => [kind, kind] as const),
  ...Object.entries(RENAMED),
]);

/** Returns the kind by its current or an earlier name; `undefined` for anything else. */
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

/** Whether errors of this kind are retryable by default. */
export function isRetryableKind(kind: ErrorKind): boolean {
  return RETRYABLE.has(kind);
}

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

export function messageFor(kind: ErrorKind, provider: string): string {
  const message = MESSAGES[kind](provider);
  return message.charAt(0).toUpperCase() + message.slice(1);
}
