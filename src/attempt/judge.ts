import { contentKind } from '../content-kind.js';
import { StreamSilenceError } from '../verdict/errors.js';
import { isStreamed, judge } from '../verdict/verdict.js';
import type { Attempt } from './attempt.js';
import { headerValue } from './raw-headers.js';
import { ResponseEvidence } from './response-evidence.js';

/** Begins to read the body of a response that will be judged: an answer to a model call, or JSON. */
export function evidenceFor(attempt: Attempt): ResponseEvidence | undefined {
  const { call, statusCode = 0, responseHeaders, bodiesOutOfReach } = attempt;
  if (bodiesOutOfReach || statusCode < 200 || statusCode >= 300) return undefined;
  const isJson = contentKind(headerValue(responseHeaders, 'content-type')) === 'json';
  if (call === undefined && !isJson) return undefined;
  return new ResponseEvidence(headerValue(responseHeaders, 'content-encoding'), attempt.budget);
}

/**
 * Gives an exchange that has ended its final status, once, by its bytes and how it ended.
 */
export function judgeAttempt(attempt: Attempt): void {
  const { ending, evidence, responseHeaders } = attempt;
  if (ending === undefined || attempt.isJudged) return;
  attempt.isJudged = true;
  const read = evidence?.end();
  const body = read?.findings;
  const verdict = judge({
    isCall: attempt.call !== undefined,
    isOpenCall: attempt.call?.format.isOpen === true,
    method: attempt.method,
    statusCode: attempt.statusCode,
    contentType: headerValue(responseHeaders, 'content-type'),
    contentLength: headerValue(responseHeaders, 'content-length'),
    size: attempt.responseBytes,
    ending,
    body,
    isStalled: attempt.isSilentAt(attempt.endedAt ?? 0),
    isBodySeen: !attempt.bodiesOutOfReach,
    isBeginning: read?.isBeginning ?? true,
  });
  attempt.status = verdict.status;
  const { failure } = verdict;
  if (failure !== undefined)
    attempt.error = failure instanceof Error ? failure : { headers: responseHeaders, body: failure.body };
  else if (verdict.status === 'completed') attempt.error = undefined;
  attempt.isStalled = failure instanceof StreamSilenceError;
  attempt.hasErrorInBody = body?.findings.fault !== undefined;
  attempt.response = body?.findings.response;
  attempt.isStream = body !== undefined && isStreamed(body);
  if (attempt.isStream) attempt.lastEvent = body?.findings.lastEvent;
  if (read !== undefined) attempt.reading?.take(read, attempt.responseBody?.bytes());
}
