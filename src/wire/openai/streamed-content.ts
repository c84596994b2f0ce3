import type { MessagePart, TextPart } from '../content.js';
import type { PartRoom } from '../stream/part-room.js';
import type { StreamedText } from '../stream/streamed-text.js';

/** Parts of a streamed message in the order they came: texts in pieces, and parts that came whole. */
export class StreamedContent {
  readonly #room: PartRoom;
  readonly #parts: (() => MessagePart)[] = [];
  /** Of the text that is appended to. */
  #key: string | undefined;
  #text: StreamedText | undefined;

  constructor(room: PartRoom) {
    this.#room = room;
  }

  /** @param key tells texts of one type apart that follow each other; by default they are one */
  append(type: TextPart['type'], piece: string, key: string = type): void {
    if (key !== this.#key) this.#begin(type, key);
    this.#text?.append(piece);
  }

  push(parts: readonly MessagePart[]): void {
    this.#key = undefined;
    for (const part of this.#room.fitting(parts)) this.#parts.push(() => part);
  }

  parts(): MessagePart[] {
    return this.#parts.map((part) => part());
  }

  #begin(type: TextPart['type'], key: string): void {
    const text = this.#room.text();
    this.#key = key;
    this.#text = text;
    if (text !== undefined) this.#parts.push(() => text.part(type));
  }
}
