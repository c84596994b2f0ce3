import { mediaType } from '../../content-kind.js';
import { AwsEventStreamReader } from './aws-event-stream.js';
import { JsonLinesReader } from './json-lines.js';
import { MAX_EVENT_LENGTH, SseReader } from './sse.js';

/** How the events of a stream are written: server-sent events, lines of JSON, or messages of AWS. */
export type StreamFraming = 'events' | 'values' | 'messages';

/** Takes the bytes of a stream, cut anywhere. */
export interface FramedReader {
  add(chunk: Uint8Array): void;
  /** Nothing more comes. */
  end(): void;
}

/** By the content type of a response; `undefined` for an answer in one piece. */
export function streamFraming(contentType: string | undefined): StreamFraming | undefined {
  switch (mediaType(contentType)) {
    case 'text/event-stream':
      return 'events';
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
      return 'values';
    case 'application/vnd.amazon.eventstream':
      return 'messages';
    default:
      return undefined;
  }
}

/** Opens the reader of a framing; `onEvent` gets each event as it comes, however it is written. */
export function openFraming(
  framing: StreamFraming,
  onEvent: (event: string | undefined, data: string) => void,
): FramedReader {
  if (framing === 'events') return new SseReader(onEvent);
  if (framing === 'values') return new JsonLinesReader(onEvent);
  const reader = new AwsEventStreamReader((event, data, isCut) => {
    if (!isCut) onEvent(event, data);
  }, MAX_EVENT_LENGTH);
  return { add: (chunk) => reader.add(chunk), end: () => {} };
}
