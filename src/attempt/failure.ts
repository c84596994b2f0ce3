import type { Attempt } from './attempt.js';
import { responseText } from './text.js';

/**
 * What a failed exchange failed with, in a form that `classifyError` reads: the transport's error, else the
 * response as an object with its status, headers and body.
 */
export function failureOf(attempt: Attempt): unknown {
  if (attempt.error !== undefined) return attempt.error;
  return { status: attempt.statusCode, headers: attempt.responseHeaders, body: responseText(attempt)?.text };
}
