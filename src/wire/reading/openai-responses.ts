import { RepeatedJsonParser } from '../../repeated-json.js';
import type { MessagePart, OutputMessage, TextPart } from '../content.js';
import type { RequestFacts, ResponseFacts, StreamFacts, StreamReader } from '../format.js';
import { asCount, asLabel, asObject, asText, type JsonObject } from '../json/json.js';
import { noCounts, PartLimit, STREAMED_PARTS, StreamedText } from '../stream/streamed-parts.js';
import { contentParts, StreamedContent, type TextReader } from './openai-content.js';
import { inputMessages, itemParts, readResponse } from './openai-items.js';
import {
  asksForJson,
  customInput,
  functionArguments,
  PARAMETER_NAMES,
  requestParameters,
  toolCall,
  toolChoice,
  toolDefinitions,
} from './openai-request.js';
import { errorIn } from './openai-usage.js';
import { defined, optionCount } from './values.js';

export { readResponse } from './openai-items.js';

const KNOWN_MEMBERS: ReadonlySet<string> = new Set([
  ...PARAMETER_NAMES,
  // Only over WebSocket.
  'type',
  'model',
  'stream',
  'instructions',
  'input',
  'text',
  'tools',
  'tool_choice',
]);

export function readRequest(value: unknown): RequestFacts {
  const body = asObject(value) ?? {};
  return {
    model: asLabel(body['model']),
    operation: body['stream'] === true ? 'stream' : 'generate',
    parameters: requestParameters(body),
    outputType: asksForJson(asObject(body['text'])?.['format']) ? 'json' : undefined,
    systemInstructions: contentParts(asText(body['instructions'])),
    messages: inputMessages(body['input']),
    toolDefinitions: toolDefinitions(body['tools']),
    toolChoice: toolChoice(body['tool_choice']),
    optionCount: optionCount(body, KNOWN_MEMBERS),
  };
}

export function openStream(): StreamReader {
  return new ResponsesStream();
}

/** The text type of `delta` by event type. */
const TEXT_DELTAS: ReadonlyMap<unknown, TextPart['type']> = new Map([
  ['response.output_text.delta', 'text'],
  ['response.refusal.delta', 'refusal'],
  ['response.reasoning_text.delta', 'reasoning'],
  ['response.reasoning_summary_text.delta', 'reasoning'],
  // The Realtime API; its beta has no `output_`.
  ['response.output_audio_transcript.delta', 'text'],
  ['response.audio_transcript.delta', 'text'],
  ['response.text.delta', 'text'],
]);

const ARGUMENT_DELTAS: ReadonlyMap<unknown, ArgumentsReader> = new Map([
  ['response.function_call_arguments.delta', functionArguments],
  ['response.custom_tool_call_input.delta', customInput],
]);

/** Reads a stream of the Responses API. Assembles the answer until the last event, which repeats it in full. */
class ResponsesStream implements StreamReader {
  readonly #json = new RepeatedJsonParser();
  readonly #counts = noCounts();
  readonly #room = new PartLimit();
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

  /** An item is sent at its start, possibly empty, and in full at its end. */
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

/** Limits a complete text like a streamed one. */
const streamedText: TextReader = (type, text) => {
  const streamed = new StreamedText();
  streamed.append(text);
  return streamed.part(type);
};

/** Reads the arguments of a call from their text, which may be truncated. */
type ArgumentsReader = (text: string, fullLength: number) => unknown;

/** An item of a streamed response: the item at its start or end, and the deltas since. */
class StreamedItem {
  readonly #room: PartLimit;
  #id: string | undefined;
  #name: string | undefined;
  #whole: readonly MessagePart[] = [];
  #since: StreamedContent;
  #given: StreamedText | undefined;
  #read: ArgumentsReader | undefined;

  constructor(room: PartLimit) {
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
