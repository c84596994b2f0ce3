import { contentKind } from '../content-kind.js';
import { type Classification, classifyError } from '../error/index.js';
import { withoutTail } from '../redact/cut.js';
import type { Attempt } from './attempt.js';
import { withoutMark } from './body/text.js';
import { headerValue } from './raw-headers.js';
import { failureText } from './text.js';

/**
 * What a failed exchange failed with, in a form that `classifyError` reads: a failed response as an object with its
 * status, headers and body, else what was found in the body of a successful one, else the transport's error.
 */
export function failureOf(attempt: Attempt): unknown {
  if (!isFailedAnswer(attempt)) return attempt.error;
  const { statusCode, responseHeaders } = attempt;
  attempt.failure ??= { status: statusCode, headers: responseHeaders, body: answerOf(attempt) };
  return attempt.failure;
}

/** The same classified, once for each provider that is asked for. */
export function classifyFailure(attempt: Attempt, provider: string | undefined): Classification {
  const known = attempt.classified;
  if (known !== undefined && known.provider === provider) return known.classification;
  const classification = classifyError(failureOf(attempt), provider === undefined ? {} : { provider });
  attempt.classified = { provider, classification };
  return classification;
}

/** How long a failed response asks to wait, by its headers alone; in milliseconds. */
export function retryAfterMillis({ responseHeaders }: Attempt): number | undefined {
  return responseHeaders.length === 0
    ? undefined
    : classifyError({ headers: responseHeaders }).retryAfterMillis;
}

/** The provider refused or failed: that came first, and says more than how the answer's body ended. */
export function isFailedAnswer({ statusCode }: Attempt): boolean {
  return statusCode !== undefined && statusCode >= 400;
}

const DATA = /^data: ?/gm;

/** Without half a key where it was cut, and nothing of a form, whose secrets are told by the names of its fields. */
function answerOf(attempt: Attempt): string | undefined {
  const body = failureText(attempt);
  if (body === undefined) return undefined;
  const kind = contentKind(headerValue(attempt.responseHeaders, 'content-type'));
  if (kind === 'form' || kind === 'multipart') return undefined;
  const text = body.truncated ? withoutTail(withoutMark(body)) : body.text;
  return kind === 'sse' ? text.replace(DATA, '') : text;
}
