import type { MessagePart, OutputMessage, TextPart } from '../content.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { blobPart } from '../facts/media.js';
import { asList, asObject, asText, type JsonObject } from '../json/json.js';
import type { PartRoom } from '../stream/part-room.js';
import type { Counting } from '../stream/stream-counts.js';
import { StreamedCalls } from './chat-calls.js';
import { contentParts, joinedText } from './content.js';
import { reasoningIn } from './message.js';
import { StreamedContent } from './streamed-content.js';

/** One choice of a streamed answer: its deltas, put together to the message of an answer in one piece. */
export class StreamedChoice {
  finishReason: string | undefined;
  #role: string | undefined;
  readonly #counts: Counting;
  readonly #thoughts: StreamedContent;
  readonly #content: StreamedContent;
  readonly #calls: StreamedCalls;
  /** Of the spoken answer in base64. */
  #sound: { length: number; padding: number } | undefined;

  constructor(room: PartRoom, counts: Counting) {
    this.#counts = counts;
    this.#thoughts = new StreamedContent(room);
    this.#content = new StreamedContent(room);
    this.#calls = new StreamedCalls(room);
  }

  add(delta: JsonObject): void {
    this.#role ??= asLabel(delta['role']) || undefined;
    this.#write('reasoning', reasoningIn(delta), this.#thoughts);
    const content = delta['content'];
    if (Array.isArray(content)) for (const part of content) this.#addPart(part);
    else this.#write('text', content);
    this.#write('refusal', delta['refusal']);
    this.#addSound(asObject(delta['audio']));
    for (const image of asList(delta['images'])) this.#addPart(image);
    for (const call of asList(delta['tool_calls'])) this.#addCall(call);
    if (delta['function_call']) this.#addCall({ function: delta['function_call'], index: 0 });
    this.#counts.sources += asList(delta['annotations']).length;
  }

  message(): OutputMessage {
    return {
      role: this.#role ?? 'assistant',
      parts: [
        ...this.#thoughts.parts(),
        ...this.#content.parts(),
        ...this.#soundParts(),
        ...this.#calls.parts(),
      ],
      ...defined({ finish_reason: this.finishReason }),
    };
  }

  #write(type: TextPart['type'], piece: unknown, content = this.#content): void {
    if (typeof piece !== 'string' || piece === '') return;
    content.append(type, piece);
    if (type === 'text') this.#counts.textDeltas += 1;
    if (type === 'reasoning') this.#counts.reasoningDeltas += 1;
  }

  /** With Mistral a delta may be a list: a piece of text, a thought, or what comes whole. */
  #addPart(value: unknown): void {
    const part = asObject(value);
    if (part?.['type'] === 'text') this.#write('text', part['text']);
    else if (part?.['type'] === 'thinking') this.#write('reasoning', joinedText(part['thinking']));
    else this.#content.push(contentParts([value]));
  }

  #addCall(value: unknown): void {
    if (this.#calls.add(value)) this.#counts.toolCalls += 1;
  }

  #addSound(audio: JsonObject | undefined): void {
    this.#write('text', audio?.['transcript']);
    const data = asText(audio?.['data']);
    if (data === undefined) return;
    this.#sound ??= { length: 0, padding: 0 };
    this.#sound.length += data.length;
    this.#sound.padding += data.endsWith('==') ? 2 : Number(data.endsWith('='));
  }

  #soundParts(): MessagePart[] {
    if (this.#sound === undefined) return [];
    const { length, padding } = this.#sound;
    return [blobPart(Math.floor(((length - padding) * 3) / 4), undefined, 'audio')];
  }
}
