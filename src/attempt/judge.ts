import type { Attempt } from './attempt.js';
import { judgeBody } from './body/judge.js';
import { headerValue } from './raw-headers.js';
import { responseText } from './text.js';

/** An answer that came to its end and is not whole all the same (reference row R6). */
export class IncompleteBodyError extends Error {
  override readonly name = 'IncompleteBodyError';
}

const CUT = { text: '', truncated: true };
const EMPTY = { text: '', truncated: false };

/**
 * A completed exchange whose body turns out not to be whole becomes a failed one. Outside full capture there is
 * no body to judge.
 */
export function judgeAttempt(attempt: Attempt): void {
  if (attempt.status !== 'completed' || attempt.capture !== 'full' || attempt.bodiesOutOfReach) return;
  const { responseBody } = attempt;
  // Of a beginning nothing can be said.
  const body = responseBody?.truncated ? CUT : (responseText(attempt) ?? EMPTY);
  const verdict = judgeBody({
    method: attempt.method,
    statusCode: attempt.statusCode ?? 0,
    contentType: headerValue(attempt.responseHeaders, 'content-type'),
    contentLength: headerValue(attempt.responseHeaders, 'content-length'),
    size: attempt.responseBytes,
    ...body,
  });
  if (verdict.complete) return;
  attempt.status = 'failed';
  attempt.error = new IncompleteBodyError(verdict.reason);
}
