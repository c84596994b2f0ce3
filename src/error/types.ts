import type { ErrorKind } from './kind.js';

/** What an error is (reference row R18). Frozen. What is not known is `undefined`; no text holds a secret. */
export interface Classification {
  /** Why it failed; decides what is kept. */
  readonly kind: ErrorKind;
  /** One sentence for people, by kind, with the provider's name. */
  readonly message: string;
  /** What the provider or the transport said: one line of at most 500 characters. For `auth` a code at most. */
  readonly detail: string | undefined;
  /** The hint as it was given, else the provider that was recognised, named as in `gen_ai.provider.name`. */
  readonly provider: string | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** The HTTP status of the failure, 400 to 599. */
  readonly statusCode: number | undefined;
  /** How long the response's headers ask to wait, in milliseconds, above zero. */
  readonly retryAfterMillis: number | undefined;
  /** The previous response that the request builds upon is gone: start again without its id. */
  readonly chainBroken: boolean;
  /** The provider's id of the request. */
  readonly requestId: string | undefined;
  /** The name of the exception's class. */
  readonly exceptionType: string | undefined;
  /**
   * For the attribute `error.type`, of low cardinality: the provider's error code or type, else the status,
   * else the system's code (`ECONNRESET`), else the exception's name, else `_OTHER`.
   */
  readonly errorType: string;
}

/** What an application decides about an error by itself; what it leaves out is found by the rules. */
export type AttachedClassification = { readonly [K in keyof Classification]?: Classification[K] | undefined };

/** What `classifyError` and `explainError` are told besides the error. */
export interface ClassifyOptions {
  /** Who was called; wins over what the error says. A `gen_ai.provider.name`, or any other name. */
  readonly provider?: string | undefined;
  /** The time of day in milliseconds since the epoch, for a `retry-after` that is a date. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** Why an error got its kind. */
export interface Explanation {
  /** What `classifyError` gives. */
  readonly classification: Classification;
  /** The name of the rule that decided. */
  readonly rule: string;
  /** What the rule matched, for example `status 429` or `code overloaded_error`; `undefined` for the last rule. */
  readonly evidence: string | undefined;
}
