import { epochMillis } from '../clock.js';
import { contentKind } from '../content-kind.js';
import { type Classification, classifyError, retryDelay } from '../error/index.js';
import { withoutTail } from '../redact/cut.js';
import type { Attempt } from './attempt.js';
import { withoutTruncationMark } from './body/text.js';
import { failureText } from './captured-text.js';
import { headerValue } from './request-line.js';

const DATA = /^data: ?/gm;

/**
 * Returns the error of a failed exchange for `classifyError`: status, headers and body of a failed response, else the
 * error in the body of a successful one, else the transport error.
 */
export function failureOf(attempt: Attempt): unknown {
  if (!isErrorStatus(attempt)) return attempt.error;
  const { statusCode, responseHeaders } = attempt;
  attempt.cachedFailure ??= { status: statusCode, headers: responseHeaders, body: bodyOf(attempt) };
  return attempt.cachedFailure;
}

/** Classifies the error of a failed exchange. Cached for the last provider. */
export function classifyFailure(attempt: Attempt, provider: string | undefined): Classification {
  const known = attempt.cachedClassification;
  if (known !== undefined && known.provider === provider) return known.classification;
  const classification = classifyError(failureOf(attempt), provider === undefined ? {} : { provider });
  attempt.cachedClassification = { provider, classification };
  return classification;
}

/** Returns the delay that the headers of a failed response ask for, in milliseconds. */
export function retryAfterMillis({ responseHeaders }: Attempt): number | undefined {
  return retryDelay((name) => headerValue(responseHeaders, name), epochMillis);
}

/** Whether the status is an error. It wins over how the body ended. */
export function isErrorStatus({ statusCode }: Attempt): boolean {
  return statusCode !== undefined && statusCode >= 400;
}

/** Drops a partial key at a cut, and forms, whose secrets only their field names identify. */
function bodyOf(attempt: Attempt): string | undefined {
  const body = failureText(attempt);
  if (body === undefined) return undefined;
  const kind = contentKind(headerValue(attempt.responseHeaders, 'content-type'));
  if (kind === 'form' || kind === 'multipart') return undefined;
  const text = body.truncated ? withoutTail(withoutTruncationMark(body)) : body.text;
  return kind === 'sse' ? text.replace(DATA, '') : text;
}
