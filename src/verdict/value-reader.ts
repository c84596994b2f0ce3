import { FIRST_FRAMES, FRAME_BYTES, type FrameReader, OUTCOME_SIGN, utf8 } from './event-reader.js';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  type Findings,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './findings.js';

/**
 * Reads consecutive JSON values: NDJSON lines, the elements of Gemini's streamed array, or one value that is too long
 * to be parsed as a whole.
 */
export class ValueReader implements FrameReader {
  #value = '';
  #depth = 0;
  /** 1 if the values are elements of an array. */
  #base: 0 | 1 | undefined;
  #isString = false;
  #isEscaped = false;
  #isCut = false;
  #last: OpenValue | undefined;
  count = 0;

  constructor(private readonly findings: Findings) {}

  get isList(): boolean {
    return this.#base === 1;
  }

  get isOpen(): boolean {
    return this.#depth > 0;
  }

  add(block: string): void {
    let depth = this.#depth;
    let start = depth > (this.#base ?? 0) ? 0 : -1;
    let at = this.#isString ? this.#endOfString(block, 0) : 0;
    for (; at < block.length; at++) {
      const char = block.charCodeAt(at);
      if (char === QUOTE) {
        if (depth > 0) at = this.#endOfString(block, at + 1) - 1;
      } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
        this.#base ??= char === OPEN_BRACKET ? 1 : 0;
        if (depth === this.#base) start = at;
        depth++;
      } else if ((char === CLOSE_BRACE || char === CLOSE_BRACKET) && depth > 0) {
        depth--;
        if (depth !== this.#base || start < 0) continue;
        this.#keep(block.slice(start, at + 1));
        this.#end();
        start = -1;
      }
    }
    this.#depth = depth;
    if (start >= 0) this.#keep(block.slice(start));
  }

  end(): void {
    if (this.#value !== '') this.#end();
    this.#read(this.#last);
  }

  /** Returns the index after the end of the open string, or of the block if the string continues. */
  #endOfString(block: string, from: number): number {
    let at = from;
    if (this.#isEscaped) at++;
    this.#isEscaped = false;
    for (let quote = block.indexOf('"', at); quote >= 0; quote = block.indexOf('"', quote + 1)) {
      if (escapesBefore(block, quote, at) % 2 === 0) {
        this.#isString = false;
        return quote + 1;
      }
    }
    this.#isString = true;
    this.#isEscaped = escapesBefore(block, block.length, at) % 2 === 1;
    return block.length;
  }

  #keep(text: string): void {
    const room = FRAME_BYTES - this.#value.length;
    if (room < text.length) this.#isCut = true;
    this.#value += text.slice(0, room);
  }

  #end(): void {
    this.count++;
    const value = { text: this.#value, isCut: this.#isCut };
    this.#last = value;
    OUTCOME_SIGN.lastIndex = 0;
    if (this.count <= FIRST_FRAMES || OUTCOME_SIGN.test(value.text)) this.#read(value);
    this.#value = '';
    this.#isCut = false;
  }

  #read(value: OpenValue | undefined): void {
    if (value !== undefined)
      this.findings.addText(utf8(value.text), undefined, value.isCut ? 'limit' : 'sender');
  }
}

interface OpenValue {
  readonly text: string;
  readonly isCut: boolean;
}

function escapesBefore(block: string, place: number, from: number): number {
  let at = place;
  while (at > from && block.charCodeAt(at - 1) === BACKSLASH) at--;
  return place - at;
}
