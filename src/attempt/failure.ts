import { contentKind } from '../content-kind.js';
import { withoutTail } from '../redact/cut.js';
import type { Attempt } from './attempt.js';
import { withoutMark } from './body/text.js';
import { headerValue } from './raw-headers.js';
import { responseText } from './text.js';

/**
 * What a failed exchange failed with, in a form that `classifyError` reads: an error event of its
 * stream, a failed answer as an object with its status, headers and body, else the transport's error.
 */
export function failureOf(attempt: Attempt): unknown {
  // An error inside a 200 stream says more than the way in which the connection ended after it.
  if (attempt.errorBody !== undefined) return { headers: attempt.responseHeaders, body: attempt.errorBody };
  if (attempt.error !== undefined && !isFailedAnswer(attempt)) return attempt.error;
  return { status: attempt.statusCode, headers: attempt.responseHeaders, body: answerOf(attempt) };
}

/** The provider refused or failed: that came first, and says more than how the answer's body ended. */
export function isFailedAnswer({ statusCode }: Attempt): boolean {
  return statusCode !== undefined && statusCode >= 400;
}

const DATA = /^data: ?/gm;

/** Without half a key where it was cut, and nothing of a form, whose secrets are told by the names of its fields. */
function answerOf(attempt: Attempt): string | undefined {
  const body = responseText(attempt);
  if (body === undefined) return undefined;
  const kind = contentKind(headerValue(attempt.responseHeaders, 'content-type'));
  if (kind === 'form' || kind === 'multipart') return undefined;
  const text = body.truncated ? withoutTail(withoutMark(body)) : body.text;
  return kind === 'sse' ? text.replace(DATA, '') : text;
}
