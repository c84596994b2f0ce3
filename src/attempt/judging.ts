import { StreamSilenceError } from '../verdict/response-errors.js';
import { isStreamed, judge } from '../verdict/verdict.js';
import type { RecognisedCall } from '../wire/format.js';
import type { Attempt } from './attempt.js';
import type { ReceivedChunks } from './received-chunks.js';
import { type HeaderList, headerValue } from './request-line.js';
import type { ResponseEvidence } from './response-evidence.js';

export { ResponseEvidence, ResponseReading } from './response-evidence.js';

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
    size: attempt.received.bytes,
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

/** Whether a call has an ordinary answer. */
function isOrdinaryCall(attempt: Attempt): boolean {
  const { evidence, responseHeaders, received } = attempt;
  if (attempt.capture === 'full' || attempt.call === undefined || evidence === undefined) return false;
  if (attempt.statusCode !== 200 || attempt.method !== 'POST') return false;
  return isOrdinary(evidence, headerValue(responseHeaders, 'content-length'), received.bytes);
}

/**
 * Whether a body is an ordinary answer in its entire length. In errors capture nothing else is read of it, so this
 * replaces the verdict of most calls.
 */
function isOrdinary(evidence: ResponseEvidence, announced: string | undefined, bytes: number): boolean {
  return (announced === undefined || Number(announced) === bytes) && evidence.isOrdinaryAnswer();
}

/** A response without an attempt. */
export interface JudgedResponse {
  /** As `readHeaders` returns them. */
  readonly headers: HeaderList;
  readonly evidence: ResponseEvidence;
  readonly received: ReceivedChunks;
}

/**
 * Judges the response to a `POST` of a model call in errors capture. It has status 200 and ended cleanly.
 *
 * @returns `undefined` if it needs an attempt: it failed, is continued in the background, or takes too long to judge
 */
export function healthyResponse(
  { format }: RecognisedCall,
  { headers, evidence, received }: JudgedResponse,
): { readonly isStream: boolean } | undefined {
  if (!evidence.isQuick()) return undefined;
  const contentLength = headerValue(headers, 'content-length');
  if (isOrdinary(evidence, contentLength, received.bytes)) return { isStream: false };
  const { findings: body, isBeginning } = evidence.end();
  const { status } = judge({
    isCall: true,
    isOpenCall: format.isOpen === true,
    isFreeForm: format.isFreeForm === true,
    method: 'POST',
    statusCode: 200,
    contentType: headerValue(headers, 'content-type'),
    contentLength,
    size: received.bytes,
    ending: 'clean',
    body,
    isStalled: false,
    isBodySeen: true,
    isBeginning,
  });
  if (status !== 'completed' || body?.findings.response?.isPending === true) return undefined;
  return { isStream: body !== undefined && isStreamed(body) };
}
