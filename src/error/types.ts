import type { ErrorKind, ErrorKindName } from './kind.js';
import type { HeaderReader } from './values.js';

/** What an error is. Frozen. What is not known is `undefined`; no text holds a secret. */
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
export type AttachedClassification = {
  readonly [K in keyof Classification]?: (K extends 'kind' ? ErrorKindName : Classification[K]) | undefined;
};

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

/** All that an error says about itself, its causes and the response it came from; what the rules look at. */
export interface Evidence {
  /** What the application attached, the outermost first. */
  readonly attached: AttachedClassification | undefined;
  /** The HTTP status that a field held. */
  readonly status: number | undefined;
  /** The HTTP status that the text speaks of, where no field held one. */
  readonly textStatus: number | undefined;
  /** The provider refused this very request. */
  readonly refused: boolean;
  /** Codes, types and names, of exceptions and of bodies, in lower case. */
  readonly codes: ReadonlySet<string>;
  /** All words, in lower case. */
  readonly words: string;
  /** The words that are evidence: no links and, of a refused request, no names of its parts. */
  readonly text: string;
  /** The words of exceptions, the outermost first. */
  readonly said: readonly string[];
  /** The words of error bodies. */
  readonly answered: readonly string[];
  /** The words of a body that is no JSON. */
  readonly page: string | undefined;
  /** What the provider called the error: its code, its type, its status in words. The first that is a name counts. */
  readonly providerCodes: readonly string[];
  /** What Node.js or undici called it. */
  readonly systemCode: string | undefined;
  readonly exceptionType: string | undefined;
  readonly requestId: string | undefined;
  readonly headers: HeaderReader | undefined;
  readonly url: string | undefined;
}

/** What a rule says of an error that matches it. */
export interface Verdict {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly chainBroken?: true;
  /** In place of what the provider said. */
  readonly detail?: string;
}
