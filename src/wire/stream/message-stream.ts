import type { TokenUsage } from '../../types.js';
import type { MessagePart, TextPart } from '../content.js';
import type { ResponseFacts, StreamFacts, StreamReader } from '../format.js';
import { asLabel, asObject, asText, type JsonObject, parsed } from '../json/json.js';
import { functionArguments, toolCall } from '../reading/openai-request.js';
import { errorIn } from '../reading/openai-usage.js';
import { cutText, defined } from '../reading/values.js';
import { noCounts, PartLimit, type StreamedText } from './streamed-parts.js';

/** The metadata of an answer with a single message. */
export interface AnswerDetails {
  readonly id?: string | undefined;
  readonly model?: string | undefined;
  readonly finishReason?: string | undefined;
  readonly usage?: TokenUsage | undefined;
  readonly warningCount?: number | undefined;
}

/** Returns the facts of an answer with a single message, or with none if it is empty. */
export function messageFacts(details: AnswerDetails, parts: readonly MessagePart[]): ResponseFacts {
  const { id, model, finishReason, usage = {}, warningCount = 0 } = details;
  const isAnswered = parts.length > 0 || finishReason !== undefined;
  return {
    id,
    model,
    finishReasons: finishReason === undefined ? [] : [finishReason],
    usage: defined(usage),
    output: isAnswered ? [{ role: 'assistant', parts, ...defined({ finish_reason: finishReason }) }] : [],
    warningCount,
  };
}

/** A message assembled from stream events. Parts have keys chosen by the format. */
export class StreamedMessage {
  /** The last value of each member wins. */
  details: AnswerDetails = {};
  readonly counts = noCounts();
  readonly #room = new PartLimit();
  readonly #parts: (() => MessagePart)[] = [];
  readonly #texts = new Map<string, StreamedText>();
  readonly #calls = new Set<string>();
  /** The key of the text that a piece without a key continues. */
  #open: string | undefined;

  note(details: AnswerDetails): void {
    this.details = { ...this.details, ...defined(details) };
  }

  /** @param key default: the last text, if it has the same type */
  text(type: TextPart['type'], piece: unknown, key?: string): void {
    if (typeof piece !== 'string' || piece === '') return;
    if (type === 'text') this.counts.textDeltas += 1;
    if (type === 'reasoning') this.counts.reasoningDeltas += 1;
    if (key === undefined && this.#open?.startsWith(`${type} `) !== true)
      this.#open = `${type} ${this.#parts.length}`;
    this.#append(key ?? this.#open ?? type, piece, (text) => text.part(type));
    if (key !== undefined) this.#open = undefined;
  }

  call(key: string, id: unknown, name: unknown): void {
    this.#open = undefined;
    if (this.#calls.has(key)) return;
    if (this.#calls.size < MAX_CALLS) this.#calls.add(key);
    this.counts.toolCalls += 1;
    const [fits] = this.#room.fitting([key]);
    if (fits === undefined) return;
    this.#parts.push(() => toolCall(id, name, this.#argumentsOf(key)));
  }

  callArguments(key: string, piece: unknown): void {
    if (typeof piece === 'string' && piece !== '' && this.#calls.has(key)) this.#append(`call ${key}`, piece);
  }

  push(part: MessagePart): void {
    this.#open = undefined;
    if (part.type === 'tool_call') this.counts.toolCalls += 1;
    for (const kept of this.#room.fitting([part])) this.#parts.push(() => kept);
  }

  /** Whether the tool call is known, so that its complete part need not be added. */
  hasCall(key: string): boolean {
    return this.#calls.has(key);
  }

  facts(): ResponseFacts {
    return messageFacts(
      this.details,
      this.#parts.map((part) => part()),
    );
  }

  #append(key: string, piece: string, part?: (text: StreamedText) => MessagePart): void {
    const known = this.#texts.get(key);
    if (known !== undefined) {
      known.append(piece);
      return;
    }
    const text = this.#room.text();
    if (text === undefined) return;
    this.#texts.set(key, text);
    text.append(piece);
    if (part !== undefined) this.#parts.push(() => part(text));
  }

  #argumentsOf(key: string): unknown {
    const text = this.#texts.get(`call ${key}`);
    if (text === undefined) return undefined;
    const { content, length } = text;
    return content.length === length ? functionArguments(content) : cutText(content, length);
  }
}

/** The maximum number of recorded tool calls. Further ones are only counted. */
const MAX_CALLS = 1_024;

/**
 * Reads a stream of JSON objects that contribute to a single message.
 *
 * @param read receives the event type (in the data, else the `event:` field) and the data
 */
export function messageStream(
  read: (message: StreamedMessage, type: string | undefined, body: JsonObject) => void,
): StreamReader {
  const message = new StreamedMessage();
  let lastError: string | undefined;
  let lastEvent: string | undefined;
  return {
    event(event, data) {
      const body = asObject(parsed(data));
      const error = errorIn(event, body, data);
      const type = asText(body?.['type']) ?? event;
      message.counts.parts += 1;
      if (error !== undefined) {
        message.counts.errors += 1;
        lastError = error;
      }
      lastEvent = asLabel(event ?? type) ?? (error === undefined ? lastEvent : 'error');
      if (body !== undefined) read(message, type, body);
    },
    facts(): StreamFacts {
      return { ...message.facts(), counts: { ...message.counts }, lastError, lastEvent };
    },
  };
}
