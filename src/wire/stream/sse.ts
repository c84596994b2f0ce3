import { TextDecoder } from 'node:util';
import type { EventSourceParser } from 'eventsource-parser';

/** Of the data of one event, in UTF-16 code units; an event that has more is skipped. */
export const MAX_EVENT_LENGTH = 1_048_576;

/** What an event in pieces may hold beside its data: names of fields, other lines. With more it is skipped too. */
const OTHER_LENGTH = 1_024;

/**
 * The most that the parser gets at once, in UTF-16 code units: at each line it looks for a CR and an LF, to the
 * end of what it was given if the stream has only one of them.
 */
const PIECE_LENGTH = 4_096;

/** The end of a line, and an empty line behind it. */
export const BLANK_LINE = /(?:\r\n|\n|\r(?!\n))(?:\r\n?|\n)/;

/** The most of it that can have come while it is not known whether more of it follows. */
const BLANK_LINE_LENGTH = '\r\n\r'.length;

/** Loaded with the first stream that is parsed. */
const loadParser = () => require('eventsource-parser') as typeof import('eventsource-parser');

/**
 * Reads a stream of server-sent events (WHATWG HTML, 9.2.6) from its bytes, cut anywhere. Never throws. What it
 * holds is bounded: an event that is too long is skipped, and the ones behind it are read again.
 */
export class SseReader {
  readonly #text = new StreamedBytes();
  readonly #parser: EventSourceParser;
  /** The last characters that came. */
  #recent = '';
  #skipping = false;
  #skipped = 0;

  /**
   * @param onEvent gets the `event:` field, where there is one, and the `data:` field, its lines joined; what it
   * throws is dropped
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
          // The parser, left in the middle of an event, would give it a second time.
        }
      },
      onError: ({ type }) => {
        if (type !== 'max-buffer-size-exceeded') return;
        this.#skipped++;
        this.#skipping = true;
      },
    });
  }

  /** How many events were too long. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Takes the next piece and keeps none of its memory. Bytes that are no UTF-8 are read as U+FFFD. */
  add(chunk: Uint8Array): void {
    this.#read(this.#text.decode(chunk));
  }

  /**
   * Nothing more comes. An event without its blank line is dropped, as the specification has it and the clients
   * of OpenAI, Anthropic and Google do.
   */
  end(): void {
    this.#read(this.#text.end());
    // A CR at the very end is a whole line break; the parser waits for the LF of a CRLF.
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

  /** Leaves out what comes up to the next blank line, of which the beginning may have come already. */
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
 * Decodes UTF-8 that comes in pieces. Nearly each piece ends behind a character, and is decoded by itself, in a fraction
 * of the time that a `TextDecoder` takes.
 */
class StreamedBytes {
  #decoder: TextDecoder | undefined;
  /** The decoder may hold the beginning of a character. */
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

  /** Nothing more comes: what the beginning of a character that is missing is read as. */
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
