import { lazily } from '../loading.js';
import type { AttachedClassification, Classification, ClassifyOptions, Explanation } from './types.js';

export { ERROR_KINDS, type ErrorKind, type ErrorKindName, errorKind, isErrorKindName } from './kind.js';
export type { ErrorText } from './template.js';
export type { AttachedClassification, Classification, ClassifyOptions, Explanation } from './types.js';
export { REQUEST_ID_HEADERS } from './values.js';

/** The rules are loaded with the first error: a call that goes well needs none of them. */
const load = lazily(() => require('./classification.js') as typeof import('./classification.js'));

/**
 * Says what an error is. Takes any value: an exception of an SDK, of undici or Node.js with its causes, an
 * aggregate, a string, `undefined`, or a failed response as `{ status, headers, body }` with the headers as
 * `Headers`, an object or an array of pairs and the body as text or parsed. Structure (status, codes, types,
 * names) is asked before words. Pure; never throws; looks at no more than 64 KiB of text.
 *
 * @returns a frozen result; times in milliseconds, absent fields `undefined`, texts without secrets
 */
export function classifyError(error: unknown, options: ClassifyOptions = {}): Classification {
  return load().classifyError(error, options);
}

/**
 * The same as `classifyError`, with the name of the rule that decided and the evidence it matched: for a look
 * at why an error got its kind. Takes what `classifyError` takes; never throws.
 */
export function explainError(error: unknown, options: ClassifyOptions = {}): Explanation {
  return load().explainError(error, options);
}

/**
 * Decides for the application what an error is: `classifyError` takes what is attached over what it would
 * have found, wherever the error stands in a chain of causes (rule 1). A `kind` decides by itself and brings
 * its own default for `retryable`; without one the rules find the kind and the other fields replace theirs.
 * Fields of the wrong type are ignored. The error is not touched, so a frozen one will do; a string or
 * another primitive cannot hold anything and stays what it is. Attaching again replaces. The earlier name of a
 * kind counts as its present one.
 *
 * @returns the same error, to be thrown: `throw attachClassification(new Error('…'), { kind: 'config' })`.
 */
export function attachClassification<E>(error: E, classification: AttachedClassification): E {
  return load().attachClassification(error, classification);
}

/**
 * By which errors can be grouped: the same for those that are alike in kind, provider, status, exception type and
 * the fixed part of the detail. Numbers, ids, UUIDs, quoted texts and URLs make no difference.
 *
 * @returns 16 hexadecimal digits
 */
export function fingerprintOf(error: Classification): string {
  return load().fingerprintOf(error);
}

/**
 * The fixed part of an error's message: what may be content is replaced by its length, `[…123 characters]`.
 * Pure, linear; a template is its own template.
 *
 * @param text a message, perhaps cut off at its end
 */
export function templateOf(text: string): string {
  return load().templateOf(text);
}
