import { contentKind } from '../content-kind.js';
import type { Capture } from '../types.js';
import type { RecognisedCall, StreamFacts, WireFormat } from '../wire/format.js';
import { SseReader } from '../wire/stream/sse.js';
import { StreamScan } from '../wire/stream/stream-scan.js';
import { type HeaderList, headerValue } from './raw-headers.js';

/** Watches an event stream of a known format while it goes by. Nothing of it throws. */
export interface StreamWatch {
  add(chunk: Uint8Array): void;
  /** How it stands; asked once, when the stream is over. */
  end(): StreamEnd;
}

export interface StreamEnd {
  /** The event that ends a stream of this format has come. */
  readonly terminated: boolean;
  /** The body of the error event that came, as text. */
  readonly error: string | undefined;
  readonly lastEvent: string | undefined;
  /** What the stream said, where it was parsed. */
  readonly facts: StreamFacts | undefined;
}

interface Answer {
  readonly call: RecognisedCall | undefined;
  readonly statusCode: number | undefined;
  readonly responseHeaders: HeaderList;
  readonly capture: Capture;
  readonly bodiesOutOfReach: boolean;
}

/**
 * What watches the answer of a recognised call, if it is an event stream in the clear. One that is compressed
 * is not unpacked while it goes by.
 */
export function streamWatchFor({
  call,
  statusCode,
  responseHeaders,
  capture,
  bodiesOutOfReach,
}: Answer): StreamWatch | undefined {
  if (call === undefined || bodiesOutOfReach || (statusCode ?? 0) >= 300) return undefined;
  if (contentKind(headerValue(responseHeaders, 'content-type')) !== 'sse') return undefined;
  if (headerValue(responseHeaders, 'content-encoding') !== undefined) return undefined;
  return capture === 'full' ? new ParsedStream(call.format) : new ScannedStream(call.format);
}

/** Parses the stream: for full capture. */
class ParsedStream implements StreamWatch {
  readonly #reader;
  readonly #events;

  constructor(format: WireFormat) {
    const reader = format.openStream();
    this.#reader = reader;
    this.#events = new SseReader((event, data) => reader.event(event, data));
  }

  add(chunk: Uint8Array): void {
    this.#events.add(chunk);
  }

  end(): StreamEnd {
    this.#events.end();
    const facts = this.#reader.facts();
    const { lastError, lastEvent } = facts;
    // An event too long to be read may have been the last one.
    const terminated = facts.terminated || this.#events.skipped > 0;
    return { terminated, error: lastError, lastEvent, facts };
  }
}

/** Looks for the signs of an error and of the end in the bytes: outside full capture, where nothing is kept. */
class ScannedStream implements StreamWatch {
  readonly #scan: StreamScan;

  constructor(format: WireFormat) {
    this.#scan = new StreamScan(format.signs);
  }

  add(chunk: Uint8Array): void {
    this.#scan.add(chunk);
  }

  end(): StreamEnd {
    const scan = this.#scan;
    return {
      terminated: scan.terminated,
      error: scan.failed ? (scan.error() ?? '') : undefined,
      lastEvent: scan.lastEvent(),
      facts: undefined,
    };
  }
}
