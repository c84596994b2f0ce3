import { contentKind } from '../content-kind.js';
import type { Capture } from '../types.js';
import type { RecognisedCall, StreamFacts, WireFormat } from '../wire/format.js';
import { SseReader } from '../wire/stream/sse.js';
import { StreamScan } from '../wire/stream/stream-scan.js';
import type { ByteBudget } from './body/byte-budget.js';
import { BodyCapture } from './body/capture.js';
import { decodeBody } from './body/decode.js';
import { type HeaderList, headerValue } from './raw-headers.js';

/** Watches an event stream of a known format while it goes by. Nothing of it throws. */
export interface StreamWatch {
  add(chunk: Uint8Array): void;
  /** How it stands; asked once, when the stream is over. `undefined` where nothing could be read of it. */
  end(): StreamEnd | undefined;
}

export interface StreamEnd {
  /** Whether the event that ends a stream of this format has come; `undefined` where its end was not read. */
  readonly terminated: boolean | undefined;
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
 * What watches the answer of a recognised call, if it is an event stream.
 *
 * @param owner whose budget the memory for a compressed one is taken from, which is not unpacked while it goes by
 */
export function streamWatchFor(
  { call, statusCode, responseHeaders, capture, bodiesOutOfReach }: Answer,
  owner: { readonly budget: ByteBudget },
): StreamWatch | undefined {
  if (call === undefined || bodiesOutOfReach || (statusCode ?? 0) >= 300) return undefined;
  if (contentKind(headerValue(responseHeaders, 'content-type')) !== 'sse') return undefined;
  const watch = capture === 'full' ? new ParsedStream(call.format) : new ScannedStream(call.format);
  const contentEncoding = headerValue(responseHeaders, 'content-encoding');
  return contentEncoding === undefined ? watch : new CompressedStream(watch, contentEncoding, owner.budget);
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

/** As they come over the wire: 200 a token where each is compressed by itself, else a quarter of that. */
const MAX_COMPRESSED_BYTES = 262_144;
const MAX_DECODED_BYTES = 2_097_152;

/**
 * An event stream in a content encoding: its beginning is kept, and decoded and read when the stream is over.
 * To decode it while it goes by would take a thread's turn for each chunk, and end after the stream does.
 */
class CompressedStream implements StreamWatch {
  readonly #kept: BodyCapture;

  constructor(
    private readonly watch: StreamWatch,
    private readonly contentEncoding: string,
    budget: ByteBudget,
  ) {
    this.#kept = new BodyCapture(MAX_COMPRESSED_BYTES, budget);
  }

  add(chunk: Uint8Array): void {
    this.#kept.add(chunk);
  }

  end(): StreamEnd | undefined {
    const { contentEncoding, watch } = this;
    const { truncated } = this.#kept;
    const decoded = decodeBody({
      bytes: this.#kept.bytes(),
      truncated,
      contentEncoding,
      limitBytes: MAX_DECODED_BYTES,
    });
    this.#kept.release();
    if ('undecodable' in decoded) return undefined;
    watch.add(decoded.bytes);
    const end = watch.end();
    return decoded.truncated && end !== undefined
      ? { ...end, terminated: undefined, lastEvent: undefined }
      : end;
  }
}
