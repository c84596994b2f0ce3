import type { MessagePart } from '../content.js';
import { errorData } from '../facts/error-data.js';
import { asLabel } from '../facts/label.js';
import type { StreamFacts } from '../format.js';
import { asList, asObject, asText, type JsonObject } from '../json/json.js';
import { PartRoom } from '../stream/part-room.js';
import { noCounts } from '../stream/stream-counts.js';
import type { StreamedText } from '../stream/streamed-text.js';
import { partOf, toolCall, unknownPart, writtenInput } from './parts.js';
import { plainCopy } from './plain-copy.js';
import { answerFacts } from './response-facts.js';

/** Parts that come whole and are part of the answer. */
const WHOLE: ReadonlySet<unknown> = new Set(['tool-result', 'file', 'reasoning-file']);

/** Parts that hold nothing which is kept, but are no strangers. */
const EMPTY: ReadonlySet<unknown> = new Set([
  'text-start',
  'reasoning-start',
  'reasoning-end',
  'tool-input-end',
  'raw',
  'ping',
  'abort',
]);

/** The parts of one stream, put together to what the answer in one piece would have said (reference row R16). */
export class StreamParts {
  readonly #counts = noCounts();
  readonly #room = new PartRoom();
  readonly #parts: (() => MessagePart)[] = [];
  /** By the kind of text and the id that its pieces share. */
  readonly #texts = new Map<string, StreamedText>();
  /** Arguments that are being written, by the id of their call; where the call follows, it has them whole. */
  readonly #inputs = new Map<string, { readonly name: unknown; readonly text: StreamedText }>();
  #metadata: JsonObject = {};
  #finish: JsonObject | undefined;
  #warningCount = 0;
  #lastError: string | undefined;
  #lastEvent: string | undefined;

  part(value: unknown): void {
    const part = asObject(value) ?? {};
    this.#counts.parts += 1;
    this.#lastEvent = asLabel(part['type']);
    this.#read(part);
  }

  facts(): StreamFacts {
    const unfinished = [...this.#inputs].map(([id, { name, text }]) =>
      toolCall(id, name, writtenInput(text.content, text.length)),
    );
    return {
      ...answerFacts({
        id: this.#metadata['id'],
        model: this.#metadata['modelId'],
        finishReason: this.#finish?.['finishReason'],
        usage: this.#finish?.['usage'],
        providerMetadata: this.#finish?.['providerMetadata'],
        parts: [...this.#parts.map((part) => part()), ...unfinished],
        warningCount: this.#warningCount,
      }),
      counts: { ...this.#counts, toolCalls: this.#counts.toolCalls + unfinished.length },
      lastError: this.#lastError,
      lastEvent: this.#lastEvent,
    };
  }

  #read(part: JsonObject): void {
    const { type } = part;
    if (type === 'text-delta') this.#write('text', 'textDeltas', part);
    else if (type === 'reasoning-delta') this.#write('reasoning', 'reasoningDeltas', part);
    else if (type === 'tool-input-start') this.#startInput(part);
    else if (type === 'tool-input-delta') this.#inputOf(part['id'])?.append(asText(part['delta']) ?? '');
    else if (type === 'tool-call') this.#call(part);
    else if (type === 'source') this.#counts.sources += 1;
    else if (type === 'text-end') this.#counts.sources += asList(part['citations']).length;
    else if (type === 'stream-start') this.#warningCount += asList(part['warnings']).length;
    else if (type === 'response-metadata') this.#metadata = { ...this.#metadata, ...part };
    else if (type === 'finish') this.#finish = part;
    else if (type === 'error') this.#error(part);
    else if (WHOLE.has(type)) this.#keep(partOf(part));
    else if (!EMPTY.has(type)) this.#keep(unknownPart(part));
  }

  #write(type: 'text' | 'reasoning', count: 'textDeltas' | 'reasoningDeltas', part: JsonObject): void {
    this.#counts[count] += 1;
    const key = `${type} ${asLabel(part['id'])}`;
    const text = this.#texts.get(key) ?? this.#begin(type, key);
    text?.append(asText(part['delta']) ?? '');
  }

  #begin(type: 'text' | 'reasoning', key: string): StreamedText | undefined {
    const text = this.#room.text();
    if (text === undefined) return undefined;
    this.#texts.set(key, text);
    this.#parts.push(() => text.part(type));
    return text;
  }

  #startInput(part: JsonObject): void {
    const text = this.#room.text();
    if (text !== undefined) this.#inputs.set(asLabel(part['id']) ?? '', { name: part['toolName'], text });
  }

  #inputOf(id: unknown): StreamedText | undefined {
    return this.#inputs.get(asLabel(id) ?? '')?.text;
  }

  #call(part: JsonObject): void {
    this.#counts.toolCalls += 1;
    this.#inputs.delete(asLabel(part['toolCallId']) ?? '');
    this.#keep(partOf(part));
  }

  #error(part: JsonObject): void {
    this.#counts.errors += 1;
    this.#lastError = errorText(part['error']);
  }

  #keep(part: MessagePart): void {
    for (const kept of this.#room.fitting([part])) this.#parts.push(() => kept);
  }
}

/** What an error part says, as text. */
function errorText(error: unknown): string {
  const said = asText(error) ?? asText(asObject(error)?.['message']) ?? JSON.stringify(plainCopy(error));
  return errorData(said ?? String(error));
}
