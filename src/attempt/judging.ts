import { StreamSilenceError } from '../verdict/response-errors.js';
import { isStreamed, judge } from '../verdict/verdict.js';
import type { Attempt } from './attempt.js';
import { headerValue } from './request-line.js';

export { isOrdinaryEncodedBody, ResponseEvidence, ResponseReading } from './response-evidence.js';

export function applyVerdict(attempt: Attempt, ending: NonNullable<Attempt['ending']>): void {
  const { evidence, responseHeaders } = attempt;
  if (ending === 'clean' && isOrdinaryCall(attempt)) {
    attempt.status = 'completed';
    attempt.error = undefined;
    attempt.dropContent();
    return;
  }
  const read = evidence?.end();
  const body = read?.findings;
  const verdict = judge({
    isCall: attempt.call !== undefined,
    isOpenCall: attempt.call?.format.isOpen === true,
    isFreeForm: attempt.call?.format.isFreeForm === true,
    method: attempt.method,
    statusCode: attempt.statusCode,
    contentType: headerValue(responseHeaders, 'content-type'),
    contentLength: headerValue(responseHeaders, 'content-length'),
    size: attempt.responseBytes,
    ending,
    body,
    isStalled: attempt.isSilentAt(attempt.endedAt ?? 0),
    isBodySeen: attempt.unobservedBody !== 'response',
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
  if (verdict.status === 'completed') attempt.dropContent();
  if (read !== undefined) attempt.reading?.take(read, attempt.responseBody?.bytes());
}

/**
 * Whether a call has an ordinary answer in its entire length. In errors capture nothing else is read of it, so this
 * replaces the verdict of most calls.
 */
function isOrdinaryCall(attempt: Attempt): boolean {
  if (attempt.capture === 'full' || attempt.call === undefined || attempt.statusCode !== 200) return false;
  const announced = headerValue(attempt.responseHeaders, 'content-length');
  if (announced !== undefined && Number(announced) !== attempt.responseBytes) return false;
  return attempt.method === 'POST' && attempt.evidence?.isOrdinaryAnswer() === true;
}
