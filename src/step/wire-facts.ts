import type { Attempt, BodyText } from '../attempt/attempt.js';
import { withoutMark } from '../attempt/body/text.js';
import { responseText, wholeRequestText } from '../attempt/text.js';
import type { RequestFacts, ResponseFacts, StreamFacts, WireFormat } from '../wire/format.js';
import { parseJsonPrefix } from '../wire/json/json-prefix.js';

/** What a step's requests and answers say, read as their wire format. */
export interface WireFacts {
  readonly request: RequestFacts | undefined;
  readonly response: ResponseFacts | undefined;
  /** The same, where the answer came as a stream. */
  readonly stream: StreamFacts | undefined;
}

/**
 * Reads the last exchange that made a recognised call: its request, and its answer as far as it came.
 * `undefined` where there was none.
 */
export function readWire(attempts: readonly Attempt[]): WireFacts | undefined {
  const attempt = attempts.findLast(({ call }) => call !== undefined);
  if (attempt?.call === undefined) return undefined;
  const { format } = attempt.call;
  const request = parsedText(wholeRequestText(attempt));
  const stream = attempt.reading?.stream;
  return {
    request: request === undefined ? undefined : format.readRequest(request),
    response: stream ?? readAnswer(format, attempt),
    stream,
  };
}

function readAnswer(format: WireFormat, attempt: Attempt): ResponseFacts | undefined {
  if (attempt.statusCode === undefined || attempt.statusCode >= 300) return undefined;
  const answer = attempt.reading?.value ?? parsedText(responseText(attempt));
  return answer === undefined ? undefined : format.readResponse(answer);
}

/** Of a body that was cut, what is whole of its beginning. */
function parsedText(body: BodyText | undefined): unknown {
  return body && parseJsonPrefix(withoutMark(body));
}
