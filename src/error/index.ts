import { lazy } from '../loading.js';
import type { AttachedClassification, Classification, ClassifyOptions, Explanation } from './kinds.js';

export type { ErrorText } from './detail.js';
export type { AttachedClassification, Classification, ClassifyOptions, Explanation } from './kinds.js';
export { ERROR_KINDS, type ErrorKind, type ErrorKindName, errorKind, isErrorKindName } from './kinds.js';
export { REQUEST_ID_HEADERS, retryDelay } from './values.js';

/** Loaded with the first error, since successful calls need no rules. */
const load = lazy(() => require('./classification.js') as typeof import('./classification.js'));

/** Load the redactor and the rules. Each takes a few milliseconds. */
export const RULES: readonly (() => unknown)[] = [() => require('../redact/text.js'), load];

/**
 * Classifies an error. Structured evidence (status, codes, types, names) takes precedence over text. Reads at most 64
 * KiB of text. Pure; never throws.
 *
 * @returns a frozen result; times in milliseconds, absent fields `undefined`, texts without secrets
 */
export function classifyError(error: unknown, options: ClassifyOptions = {}): Classification {
  return load().classifyError(error, options);
}

/**
 * Classifies an error and explains the result: the name of the rule that decided, and the evidence that it matched.
 * Takes the same arguments as `classifyError`; never throws.
 */
export function explainError(error: unknown, options: ClassifyOptions = {}): Explanation {
  return load().explainError(error, options);
}

/**
 * Attaches the application's own classification to an error. Its fields take precedence over the result of the rules,
 * wherever the error is in a chain of causes. A `kind` also sets the default of `retryable`; without a `kind` the rules
 * decide. Fields of the wrong type are ignored. Attaching again replaces the classification. The error is not modified
 * and may be frozen. Primitives are returned unchanged.
 *
 * @returns the same error, to be thrown: `throw attachClassification(new Error('…'), { kind: 'config' })`.
 */
export function attachClassification<E>(error: E, classification: AttachedClassification): E {
  return load().attachClassification(error, classification);
}

/**
 * Returns a key to group errors by: equal for errors with the same kind, provider, status, exception type and
 * template of the detail. Ignores numbers, ids, UUIDs, quoted texts and URLs.
 *
 * @returns 16 hexadecimal digits
 */
export function fingerprintOf(error: Classification): string {
  return load().fingerprintOf(error);
}

/**
 * Returns the fixed part of an error message. Replaces possible content by its length: `[…123 characters]`. Pure and
 * idempotent; takes linear time.
 *
 * @param text a message, which may be truncated
 */
export function templateOf(text: string): string {
  return load().templateOf(text);
}
