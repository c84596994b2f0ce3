import type { Attempt } from '../attempt/attempt.js';
import { retryAfterMillis } from '../attempt/failure.js';
import { headerValue } from '../attempt/raw-headers.js';
import { streamFraming } from '../wire/stream/stream-framing.js';

/** How long a failed try waits for the next one, in milliseconds. */
export const RETRY_MILLIS = 15_000;

/** A provider may ask for days. */
const LONGEST_RETRY_AFTER_MILLIS = 300_000;

/** What SDKs try again: a request that took too long, a conflict, a rate limit. */
const RETRIED = new Set([408, 409, 425, 429]);

/**
 * How long another try of a call may take to begin, after one that ended like this; `undefined` where none is
 * to come. An SDK's own time-out looks like any abort before the answer, so that waits as well. Of an answer that has
 * begun, only one in one piece is asked for again, if the connection broke.
 */
export function millisToRetry(attempt: Attempt | undefined): number | undefined {
  if (attempt === undefined || attempt.status === 'completed') return undefined;
  const { statusCode } = attempt;
  if (statusCode === undefined) return RETRY_MILLIS;
  if (attempt.status !== 'failed' || !(isTriedAgain(attempt) || isCutInOnePiece(attempt))) return undefined;
  const after = retryAfterMillis(attempt) ?? 0;
  return RETRY_MILLIS + Math.min(after, LONGEST_RETRY_AFTER_MILLIS);
}

/** No part of it has reached the application yet, as it would have of a stream. */
function isCutInOnePiece({ ending, statusCode = 0, responseHeaders, hasErrorInBody }: Attempt): boolean {
  const isStream = streamFraming(headerValue(responseHeaders, 'content-type')) !== undefined;
  return ending === 'broken' && statusCode < 300 && !isStream && !hasErrorInBody;
}

/** Its status alone says that a client may try again: it need not read the body for that. */
export function isTriedAgain({ statusCode = 0 }: Attempt): boolean {
  return statusCode >= 500 || RETRIED.has(statusCode);
}
