import { RepeatedJsonParser } from '../../repeated-json.js';
import type { OutputMessage, TextPart } from '../content.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import type { ResponseFacts, StreamFacts, StreamReader } from '../format.js';
import { asCount, asObject, asText, type JsonObject } from '../json/json.js';
import { PartRoom } from '../stream/part-room.js';
import { noCounts } from '../stream/stream-counts.js';
import { STREAMED_PARTS } from '../stream/streamed-text.js';
import { errorIn } from './error.js';
import { readResponse } from './response.js';
import { type ArgumentsReader, StreamedItem, streamedText } from './streamed-item.js';
import { customInput, functionArguments } from './tools.js';

/** By the type of the event: what its `delta` is a piece of. */
const TEXT_DELTAS: ReadonlyMap<unknown, TextPart['type']> = new Map([
  ['response.output_text.delta', 'text'],
  ['response.refusal.delta', 'refusal'],
  ['response.reasoning_text.delta', 'reasoning'],
  ['response.reasoning_summary_text.delta', 'reasoning'],
]);

const ARGUMENT_DELTAS: ReadonlyMap<unknown, ArgumentsReader> = new Map([
  ['response.function_call_arguments.delta', functionArguments],
  ['response.custom_tool_call_input.delta', customInput],
]);

/** Reads a stream of the Responses API. Its last event has all of the answer; until then it is put together. */
export class ResponsesStream implements StreamReader {
  readonly #json = new RepeatedJsonParser();
  readonly #counts = noCounts();
  readonly #room = new PartRoom();
  readonly #items = new Map<number, StreamedItem>();
  #response: ResponseFacts = readResponse(undefined);
  #lastError: string | undefined;
  #lastEvent: string | undefined;

  event(event: string | undefined, data: string): void {
    const body = asObject(this.#json.parse(data));
    const type = asText(body?.['type']);
    this.#counts.parts += 1;
    this.#lastEvent = asLabel(event) ?? asLabel(type);
    const error = errorIn(event, body, data);
    if (error !== undefined) {
      this.#counts.errors += 1;
      this.#lastError = error;
    }
    if (body !== undefined) this.#read(type, body);
  }

  facts(): StreamFacts {
    return {
      ...this.#response,
      output: this.#output(),
      counts: { ...this.#counts },
      lastError: this.#lastError,
      lastEvent: this.#lastEvent,
    };
  }

  #output(): readonly OutputMessage[] {
    const { output, finishReasons } = this.#response;
    if (output.length > 0) return output;
    const items = [...this.#items].sort(([one], [other]) => one - other);
    const parts = items.flatMap(([, item]) => item.parts());
    if (parts.length === 0) return [];
    return [{ role: 'assistant', parts, ...defined({ finish_reason: finishReasons[0] }) }];
  }

  #read(type: string | undefined, body: JsonObject): void {
    const delta = asText(body['delta']);
    const response = asObject(body['response']);
    const item = asObject(body['item']);
    if (delta) this.#addDelta(type, delta, body);
    else if (response !== undefined) this.#response = bounded(readResponse(response, streamedText));
    else if (item !== undefined) this.#addItem(type, item, body);
    else if (type === 'response.output_text.annotation.added') this.#counts.sources += 1;
  }

  #addDelta(type: string | undefined, delta: string, body: JsonObject): void {
    const text = TEXT_DELTAS.get(type);
    const read = ARGUMENT_DELTAS.get(type);
    if (text === 'text') this.#counts.textDeltas += 1;
    if (text === 'reasoning') this.#counts.reasoningDeltas += 1;
    if (read !== undefined) this.#itemAt(body)?.appendArguments(delta, read);
    if (text === undefined) return;
    const index = asCount(body['content_index']) ?? asCount(body['summary_index']) ?? 0;
    this.#itemAt(body)?.append(text, delta, `${type} ${index}`);
  }

  /** An item is given at its beginning, when it may be empty, and at its end, when it is whole. */
  #addItem(type: string | undefined, item: JsonObject, body: JsonObject): void {
    const isCall = asText(item['type'])?.endsWith('_call') ?? false;
    if (isCall && type === 'response.output_item.added') this.#counts.toolCalls += 1;
    this.#itemAt(body)?.set(item);
  }

  #itemAt(body: JsonObject): StreamedItem | undefined {
    const index = asCount(body['output_index']) ?? 0;
    const known = this.#items.get(index);
    if (known !== undefined || this.#items.size >= STREAMED_PARTS) return known;
    const item = new StreamedItem(this.#room);
    this.#items.set(index, item);
    return item;
  }
}

function bounded(response: ResponseFacts): ResponseFacts {
  const output = response.output.map((message) => ({
    ...message,
    parts: message.parts.slice(0, STREAMED_PARTS),
  }));
  return { ...response, output };
}
