import type { Attempt, BodyText } from '../attempt/attempt.js';
import { BodyCapture, type ByteBudget } from '../attempt/body/capture.js';
import { type HeadAndTail, MAX_HELD_BYTES } from '../attempt/body/held-body.js';
import { withoutTruncationMark } from '../attempt/body/text.js';
import { responseText, wholeRequestText } from '../attempt/captured-text.js';
import { headerValue, readHeaders } from '../attempt/request-line.js';
import { ResponseReading } from '../attempt/response-evidence.js';
import {
  type RequestFacts,
  type ResponseFacts,
  type StreamFacts,
  type StreamFraming,
  streamFraming,
  type WireFormat,
} from '../wire/format.js';
import { parseJsonPrefix } from '../wire/json/json.js';

/** The request and response of a step, parsed in their wire format. */
export interface WireFacts {
  readonly request: RequestFacts | undefined;
  readonly response: ResponseFacts | undefined;
  readonly stream: StreamFacts | undefined;
}

/**
 * Reads the last attempt of a recognised call; `undefined` without such an attempt. An incomplete response is read in part.
 */
export function readWire(attempts: readonly Attempt[]): WireFacts | undefined {
  const attempt = attempts.findLast(({ call }) => call !== undefined);
  if (attempt?.call === undefined) return undefined;
  const { format } = attempt.call;
  const request = parsedText(wholeRequestText(attempt));
  const stream = attempt.reading?.stream;
  return {
    request: request === undefined ? undefined : format.readRequest(request),
    response: stream ?? readResponse(format, attempt),
    stream,
  };
}

/** Parses a failed call in errors capture whose content is written, as far as it is held. */
export function readFailedCall(attempts: readonly Attempt[]): WireFacts | undefined {
  for (const attempt of attempts) showContent(attempt);
  return readWire(attempts);
}

function readResponse(format: WireFormat, attempt: Attempt): ResponseFacts | undefined {
  if (attempt.statusCode === undefined || attempt.statusCode >= 300) return undefined;
  const body = attempt.reading?.value ?? parsedText(responseText(attempt));
  return body === undefined ? undefined : format.readResponse(body);
}

/** Parses the complete part of a truncated body. */
function parsedText(body: BodyText | undefined): unknown {
  return body && parseJsonPrefix(withoutTruncationMark(body));
}

/** Converts a failed attempt with its final status to full capture, as far as its content is held. */
function showContent(attempt: Attempt): void {
  const { content } = attempt;
  if (content === undefined) return;
  attempt.content = undefined;
  attempt.capture = 'full';
  attempt.bodyLimit = content.limitBytes;
  attempt.requestHeaders = readHeaders(content.requestHeaders);
  attempt.requestBody = new BodyCapture(Math.max(MAX_HELD_BYTES, content.limitBytes), attempt.budget);
  for (const chunk of attempt.heldRequest?.chunks ?? []) attempt.requestBody.add(chunk);
  attempt.requestBody.skip(attempt.requestBytes - attempt.requestBody.size);
  attempt.responseHeaders = readHeaders(content.responseHeaders);
  const contentType = headerValue(attempt.responseHeaders, 'content-type');
  const isEncoded = headerValue(attempt.responseHeaders, 'content-encoding') !== undefined;
  const framing = isEncoded ? undefined : streamFraming(contentType);
  const response = content.response.read();
  attempt.responseBody = responseBody(response, framing, content.limitBytes, attempt.budget);
  content.release();
  if (response.skippedBytes === 0) readHeldResponse(attempt, attempt.responseBody, framing);
}

/** Returns the head and tail of an event stream, in whole events; of any other body the head. */
function responseBody(
  { head, skippedBytes, tail }: HeadAndTail,
  framing: StreamFraming | undefined,
  limitBytes: number,
  budget: ByteBudget,
): BodyCapture {
  const body = new BodyCapture(limitBytes, budget);
  const end = framing === 'events' ? endOfLastEvent(head) : undefined;
  const start = framing === 'events' ? startOfFirstEvent(tail) : undefined;
  if (skippedBytes === 0) {
    body.add(head);
    body.add(tail);
  } else if (end === undefined || start === undefined) {
    body.add(head);
    body.skip(skippedBytes + tail.length);
  } else {
    body.add(head.subarray(0, end));
    body.add(`: ${head.length - end + skippedBytes + start} bytes left out\n\n`);
    body.add(tail.subarray(start));
  }
  return body;
}

/** Not called for a stream without its middle, whose text would look complete. */
function readHeldResponse(attempt: Attempt, body: BodyCapture, framing: StreamFraming | undefined): void {
  const { call, evidence } = attempt;
  if (call === undefined || evidence === undefined) return;
  attempt.reading = new ResponseReading(call.format, framing);
  attempt.reading.add(body.bytes());
  attempt.reading.take(evidence.end(), body.bytes());
}

const BLANK_LINE = /\r\n\r\n|\n\n|\r\r/g;

function endOfLastEvent(head: Buffer): number | undefined {
  const [last] = [...head.toString('latin1').matchAll(BLANK_LINE)].slice(-1);
  return last && last.index + last[0].length;
}

function startOfFirstEvent(tail: Buffer): number | undefined {
  const [first] = tail.toString('latin1').matchAll(BLANK_LINE);
  return first && first.index + first[0].length;
}
