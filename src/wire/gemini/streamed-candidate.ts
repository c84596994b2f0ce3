import type { MessagePart, OutputMessage, TextPart } from '../content.js';
import { defined } from '../facts/defined.js';
import { asObject, asText } from '../json/json.js';
import { STREAMED_PARTS, StreamedText } from '../stream/streamed-text.js';
import { isToolCall, partOf, writtenType } from './parts.js';

interface WrittenPart {
  readonly type: TextPart['type'];
  readonly text: StreamedText;
}

/** One candidate of a streamed answer. Its text comes as a part for each piece; here they are joined again. */
export class StreamedCandidate {
  finishReason: string | undefined;
  readonly #parts: (WrittenPart | { readonly whole: MessagePart })[] = [];
  /** What a piece of text continues, if it is of the same type. */
  #open: WrittenPart | undefined;

  add(value: unknown): void {
    const part = asObject(value) ?? {};
    const piece = asText(part['text']);
    if (piece === undefined) this.#addWhole(value);
    // An empty one is there for the signature of a thought.
    else if (piece !== '') this.#addPiece(writtenType(part), piece);
  }

  message(): OutputMessage {
    const parts = this.#parts.map((part) => ('whole' in part ? part.whole : part.text.part(part.type)));
    return { role: 'assistant', parts, ...defined({ finish_reason: this.finishReason }) };
  }

  #addPiece(type: TextPart['type'], piece: string): void {
    if (this.#open?.type !== type) this.#open = this.#begin(type);
    this.#open?.text.append(piece);
  }

  #begin(type: TextPart['type']): WrittenPart | undefined {
    if (this.#parts.length === STREAMED_PARTS) return undefined;
    const part = { type, text: new StreamedText() };
    this.#parts.push(part);
    return part;
  }

  #addWhole(value: unknown): void {
    this.#open = undefined;
    const part = asObject(value);
    // A call whose arguments are streamed comes once with its name, then with further arguments alone.
    if (part === undefined || (asObject(part['functionCall']) !== undefined && !isToolCall(part))) return;
    if (this.#parts.length < STREAMED_PARTS) this.#parts.push({ whole: partOf(value) });
  }
}
