import { TextDecoder } from 'node:util';
import type { EventSourceParser } from 'eventsource-parser';
import type { StreamFraming } from '../format.js';
import { AwsEventStreamReader } from './aws-event-stream.js';

export interface FramedReader {
  add(chunk: Uint8Array): void;
  end(): void;
}

/** Returns a parser for a framing. `onEvent` receives each event as it arrives. */
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

/** Parses NDJSON from chunks. Skips lines that are too long, so that memory is bounded. Never throws. */
export class JsonLinesReader {
  readonly #decoder = new TextDecoder();
  #open = '';
  #isSkipping = false;

  /** @param onLine receives each line that is not blank; its exceptions are ignored */
  constructor(private readonly onLine: (event: undefined, data: string) => void) {}

  add(chunk: Uint8Array): void {
    this.#read(this.#decoder.decode(chunk, { stream: true }));
  }

  end(): void {
    this.#read(`${this.#decoder.decode()}\n`);
  }

  #read(text: string): void {
    const end = text.lastIndexOf('\n');
    if (end < 0) {
      this.#hold(text);
      return;
    }
    const lines = (this.#open + text.slice(0, end)).split('\n');
    if (this.#isSkipping) lines.shift();
    this.#isSkipping = false;
    this.#open = '';
    for (const line of lines) this.#line(line);
    this.#hold(text.slice(end + 1));
  }

  #hold(text: string): void {
    if (this.#isSkipping) return;
    this.#open += text;
    if (this.#open.length <= MAX_EVENT_LENGTH) return;
    this.#open = '';
    this.#isSkipping = true;
  }

  #line(line: string): void {
    if (line.length > MAX_EVENT_LENGTH || line.trim() === '') return;
    try {
      this.onLine(undefined, line);
    } catch {
      // The next line may succeed.
    }
  }
}

/** The maximum length of the data of an event, in UTF-16 code units. Longer events are skipped. */
export const MAX_EVENT_LENGTH = 1_048_576;

/** The maximum length of the rest of an event: field names and other lines. */
const OTHER_LENGTH = 1_024;

/**
 * The maximum input of one parser call, in UTF-16 code units. For each line the parser searches the whole input for
 * CR and LF, which is quadratic if the stream has only one of them.
 */
const PIECE_LENGTH = 4_096;

/** A line end followed by an empty line. */
const BLANK_LINE = /(?:\r\n|\n|\r(?!\n))(?:\r\n?|\n)/;

/** The longest incomplete blank line. */
const BLANK_LINE_LENGTH = '\r\n\r'.length;

const loadParser = () => require('eventsource-parser') as typeof import('eventsource-parser');

/**
 * Parses server-sent events (WHATWG HTML, 9.2.6) from chunks. Skips events that are too long, so that memory is
 * bounded. Never throws.
 */
export class SseReader {
  readonly #text = new StreamedBytes();
  readonly #parser: EventSourceParser;
  #recent = '';
  #skipping = false;
  #skipped = 0;

  /**
   * @param onEvent receives the `event:` field, if any, and the `data:` field, its lines joined; its exceptions are
   * ignored
   */
  constructor(onEvent: (event: string | undefined, data: string) => void) {
    this.#parser = loadParser().createParser({
      maxBufferSize: MAX_EVENT_LENGTH + OTHER_LENGTH,
      onEvent: ({ event, data }) => {
        if (data.length > MAX_EVENT_LENGTH) {
          this.#skipped++;
          return;
        }
        try {
          onEvent(event, data);
        } catch {
          // An exception would make the parser emit the event again.
        }
      },
      onError: ({ type }) => {
        if (type !== 'max-buffer-size-exceeded') return;
        this.#skipped++;
        this.#skipping = true;
      },
    });
  }

  get skipped(): number {
    return this.#skipped;
  }

  /** Parses the next chunk and keeps no reference to it. Invalid UTF-8 becomes U+FFFD. */
  add(chunk: Uint8Array): void {
    this.#read(this.#text.decode(chunk));
  }

  /**
   * Ends the stream. Drops an event without a blank line, as the specification and the SDKs of OpenAI, Anthropic and
   * Google do.
   */
  end(): void {
    this.#read(this.#text.end());
    // The parser waits for an LF after a CR at the very end.
    if (this.#recent.endsWith('\r')) this.#read('\n');
  }

  #read(text: string): void {
    if (text.length <= PIECE_LENGTH) this.#readPiece(text);
    else
      for (let at = 0; at < text.length; at += PIECE_LENGTH)
        this.#readPiece(text.slice(at, at + PIECE_LENGTH));
  }

  #readPiece(text: string): void {
    if (this.#skipping) this.#skip(text);
    else this.#parser.feed(text);
    this.#recent = (text.length < BLANK_LINE_LENGTH ? this.#recent + text : text).slice(-BLANK_LINE_LENGTH);
  }

  /** Skips the text up to the next blank line, whose beginning may already have arrived. */
  #skip(text: string): void {
    const seen = this.#recent + text;
    const blank = BLANK_LINE.exec(seen);
    if (blank === null) return;
    this.#skipping = false;
    this.#parser.reset();
    this.#parser.feed(seen.slice(blank.index + blank[0].length));
  }
}

/**
 * Decodes UTF-8 from chunks. Decodes chunks that end at a character boundary without a `TextDecoder`, which is much
 * slower.
 */
class StreamedBytes {
  #decoder: TextDecoder | undefined;
  /** The decoder may hold an incomplete character. */
  #isSplit = false;
  #isFirst = true;

  decode(chunk: Uint8Array): string {
    const last = chunk[chunk.length - 1];
    if (last === undefined) return '';
    const isSplit = last >= 0x80;
    const text = this.#isSplit || isSplit ? this.#streamed(chunk) : utf8(chunk);
    this.#isSplit = isSplit;
    return this.#withoutMark(text);
  }

  /** Returns the replacement for an incomplete character at the end. */
  end(): string {
    return this.#decoder === undefined ? '' : this.#withoutMark(this.#decoder.decode());
  }

  #streamed(chunk: Uint8Array): string {
    this.#decoder ??= new TextDecoder('utf-8', { ignoreBOM: true });
    return this.#decoder.decode(chunk, { stream: true });
  }

  #withoutMark(text: string): string {
    if (!this.#isFirst || text === '') return text;
    this.#isFirst = false;
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }
}

function utf8({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString();
}
