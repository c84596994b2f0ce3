import { STREAMED_TEXT_BYTES, type TextPart } from '../content.js';
import { apart } from '../facts/apart.js';

/** How many parts of a streamed answer are kept; those behind them are only counted. */
export const STREAMED_PARTS = 256;

const encoder = new TextEncoder();

/**
 * One text that a stream gives piece by piece, kept to `STREAMED_TEXT_BYTES` (reference row R17). A character is
 * never split, wherever the pieces are cut. Appending costs the same however much there is already.
 */
export class StreamedText {
  /** As many code units as there may be bytes: never too few, since each of them takes a byte or more. */
  #kept = '';
  #length = 0;

  append(piece: string): void {
    const room = STREAMED_TEXT_BYTES - this.#kept.length;
    this.#length += piece.length;
    if (room >= piece.length) this.#kept += piece;
    else if (room > 0) this.#kept = apart(this.#kept + piece.slice(0, room));
  }

  /** Of the whole text, in UTF-16 code units. */
  get length(): number {
    return this.#length;
  }

  /** The text, or as much of its beginning as fits; it is whole where its length is `length`. */
  get content(): string {
    if (this.#kept.length * MOST_BYTES <= STREAMED_TEXT_BYTES) return this.#kept;
    const { read } = encoder.encodeInto(this.#kept, new Uint8Array(STREAMED_TEXT_BYTES));
    return this.#kept.slice(0, read);
  }

  part(type: TextPart['type']): TextPart {
    const content = this.content;
    return content.length === this.#length ? { type, content } : { type, content, full_length: this.#length };
  }
}

/** Of UTF-8, for one UTF-16 code unit. */
const MOST_BYTES = 3;
