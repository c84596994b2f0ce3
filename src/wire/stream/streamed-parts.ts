import { detachedCopy } from '../../memoize.js';
import { STREAMED_TEXT_BYTES, type TextPart } from '../content.js';
import type { StreamCounts } from '../format.js';

export type MutableCounts = { -readonly [name in keyof StreamCounts]: number };

export function noCounts(): MutableCounts {
  return { parts: 0, textDeltas: 0, reasoningDeltas: 0, toolCalls: 0, sources: 0, errors: 0 };
}

/** The remaining capacity for parts of a stream, over all choices or items. */
export class PartLimit {
  #left = STREAMED_PARTS;

  /** Returns a text to append to, or `undefined` if the capacity is exhausted. */
  text(): StreamedText | undefined {
    if (this.#left === 0) return undefined;
    this.#left -= 1;
    return new StreamedText();
  }

  /** Returns as many parts as there is capacity for. */
  fitting<T>(parts: readonly T[]): readonly T[] {
    const kept = parts.slice(0, this.#left);
    this.#left -= kept.length;
    return kept;
  }
}

/** The maximum number of recorded parts of a streamed answer. Further ones are only counted. */
export const STREAMED_PARTS = 256;

const encoder = new TextEncoder();

/**
 * A text assembled from pieces, limited to `STREAMED_TEXT_BYTES`. Does not split characters. Appending takes constant
 * time per piece.
 */
export class StreamedText {
  /** Limited to as many code units as bytes, since each code unit takes at least a byte. */
  #kept = '';
  #length = 0;

  append(piece: string): void {
    const room = STREAMED_TEXT_BYTES - this.#kept.length;
    this.#length += piece.length;
    if (room >= piece.length) this.#kept += piece;
    else if (room > 0) this.#kept = detachedCopy(this.#kept + piece.slice(0, room));
  }

  /** The length of the whole text, in UTF-16 code units. */
  get length(): number {
    return this.#length;
  }

  /** The text, or its beginning if `length` is greater than its length. */
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

/** UTF-8 bytes per UTF-16 code unit. */
const MOST_BYTES = 3;
