import { RepeatedJsonParser } from '../../repeated-json.js';
import { errorData } from '../facts/error-data.js';
import { asLabel } from '../facts/label.js';
import type { StreamFacts, StreamReader } from '../format.js';
import { asCount, asObject, asText, type JsonObject } from '../json/json.js';
import { noCounts } from '../stream/stream-counts.js';
import { STREAMED_PARTS } from '../stream/streamed-text.js';
import { type AnthropicAnswer, answerFacts, readAnswer } from './answer.js';
import { isToolCall } from './parts.js';
import { type StreamedBlock, streamedBlock } from './streamed-block.js';

/** The events of one streamed message, put together to what the answer in one piece would have said. */
export class AnthropicStream implements StreamReader {
  readonly #json = new RepeatedJsonParser();
  readonly #counts = noCounts();
  readonly #blocks = new Map<number, StreamedBlock>();
  #answer: AnthropicAnswer = readAnswer(undefined, undefined);
  #lastError: string | undefined;
  #lastEvent: string | undefined;

  event(event: string | undefined, data: string): void {
    const body = asObject(this.#json.parse(data)) ?? {};
    const type = asText(body['type']) ?? event;
    this.#counts.parts += 1;
    this.#lastEvent = asLabel(event ?? type) ?? this.#lastEvent;
    if (type === 'content_block_delta') this.#delta(body);
    else if (type === 'content_block_start') this.#start(body);
    else if (type === 'message_start') this.#say(body['message'], asObject(body['message'])?.['usage']);
    else if (type === 'message_delta') this.#say(body['delta'], body['usage']);
    else if (type === 'error' || event === 'error') this.#error(data);
  }

  facts(): StreamFacts {
    const parts = [...this.#blocks.values()].map((block) => block.part());
    return {
      ...answerFacts(this.#answer, parts),
      counts: { ...this.#counts },
      lastError: this.#lastError,
      lastEvent: this.#lastEvent,
    };
  }

  #delta(body: JsonObject): void {
    const delta = asObject(body['delta']) ?? {};
    if (delta['type'] === 'text_delta') this.#counts.textDeltas += 1;
    else if (delta['type'] === 'thinking_delta') this.#counts.reasoningDeltas += 1;
    else if (delta['type'] === 'citations_delta') this.#counts.sources += 1;
    const index = asCount(body['index']);
    if (index !== undefined) this.#blocks.get(index)?.append(delta);
  }

  #start(body: JsonObject): void {
    const index = asCount(body['index']);
    const block = asObject(body['content_block']);
    if (block === undefined) return;
    if (isToolCall(block)) this.#counts.toolCalls += 1;
    if (index === undefined || this.#blocks.size === STREAMED_PARTS) return;
    this.#blocks.set(index, streamedBlock(block));
  }

  #say(message: unknown, usage: unknown): void {
    this.#answer = readAnswer(message, usage, this.#answer);
  }

  #error(data: string): void {
    this.#counts.errors += 1;
    this.#lastError = errorData(data);
  }
}
