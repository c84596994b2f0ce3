import type { MessagePart, TextPart } from '../content.js';
import { asLabel } from '../facts/label.js';
import type { JsonObject } from '../json/json.js';
import type { PartRoom } from '../stream/part-room.js';
import { StreamedText } from '../stream/streamed-text.js';
import type { TextReader } from './content.js';
import { itemParts } from './items.js';
import { StreamedContent } from './streamed-content.js';
import { toolCall } from './tools.js';

/** Keeps as much of a text that came whole as of one that came in pieces. */
export const streamedText: TextReader = (type, text) => {
  const streamed = new StreamedText();
  streamed.append(text);
  return streamed.part(type);
};

/** How the arguments of a call are read from their text, of which not all may be there. */
export type ArgumentsReader = (text: string, fullLength: number) => unknown;

/** One item of a streamed response: as it was given whole, at its beginning or its end, and what came since. */
export class StreamedItem {
  readonly #room: PartRoom;
  #id: string | undefined;
  #name: string | undefined;
  #whole: readonly MessagePart[] = [];
  #since: StreamedContent;
  #given: StreamedText | undefined;
  #read: ArgumentsReader | undefined;

  constructor(room: PartRoom) {
    this.#room = room;
    this.#since = new StreamedContent(room);
  }

  set(item: JsonObject): void {
    this.#id = asLabel(item['call_id']);
    this.#name = asLabel(item['name']);
    this.#whole = this.#room.fitting(itemParts(item, streamedText));
    this.#since = new StreamedContent(this.#room);
    this.#given = undefined;
  }

  append(type: TextPart['type'], piece: string, key: string): void {
    this.#since.append(type, piece, key);
  }

  appendArguments(piece: string, read: ArgumentsReader): void {
    this.#given ??= this.#room.text();
    this.#given?.append(piece);
    this.#read = read;
  }

  parts(): readonly MessagePart[] {
    if (this.#given === undefined) return [...this.#whole, ...this.#since.parts()];
    const { content, length } = this.#given;
    return [toolCall(this.#id, this.#name, this.#read?.(content, length))];
  }
}
