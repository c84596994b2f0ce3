import { STREAMED_PARTS, StreamedText } from './streamed-text.js';

/** How many parts of one stream may still be kept, over all of its choices or items. */
export class PartRoom {
  #left = STREAMED_PARTS;

  /** A text to append to, unless there is no room for one more. */
  text(): StreamedText | undefined {
    if (this.#left === 0) return undefined;
    this.#left -= 1;
    return new StreamedText();
  }

  /** As many of the parts as there is room for. */
  fitting<T>(parts: readonly T[]): readonly T[] {
    const kept = parts.slice(0, this.#left);
    this.#left -= kept.length;
    return kept;
  }
}
