import { explainError } from './explain.js';
import type { Classification, ClassifyOptions } from './types.js';

/**
 * Says what an error is. Takes any value: an exception of an SDK, of undici or Node.js with its causes, an
 * aggregate, a string, `undefined`, or a failed response as `{ status, headers, body }` with the headers as
 * `Headers`, an object or an array of pairs and the body as text or parsed. Structure (status, codes, types,
 * names) is asked before words. Pure; never throws; looks at no more than 64 KiB of text.
 *
 * @returns a frozen result; times in milliseconds, absent fields `undefined`, texts without secrets. The rules
 * and their order are those of "Error kinds, in order" in the reference behaviour.
 */
export function classifyError(error: unknown, options: ClassifyOptions = {}): Classification {
  return explainError(error, options).classification;
}
