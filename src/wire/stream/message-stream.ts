import type { TokenUsage } from '../../types.js';
import type { MessagePart, TextPart } from '../content.js';
import { cutText } from '../facts/bounded-value.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import type { ResponseFacts, StreamFacts, StreamReader } from '../format.js';
import { asObject, asText, type JsonObject, parsed } from '../json/json.js';
import { errorIn } from '../openai/error.js';
import { functionArguments, toolCall } from '../openai/tools.js';
import { PartRoom } from './part-room.js';
import { noCounts } from './stream-counts.js';
import type { StreamedText } from './streamed-text.js';

/** What an answer with one message says beside its content. */
export interface AnswerDetails {
  readonly id?: string | undefined;
  readonly model?: string | undefined;
  readonly finishReason?: string | undefined;
  readonly usage?: TokenUsage | undefined;
  readonly warningCount?: number | undefined;
}

/** The facts of an answer that has one message, or none as long as nothing is in it. */
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

/** One message of a stream, put together from its pieces. A part is known by a key of the format's choice. */
export class StreamedMessage {
  /** What was said last holds. */
  details: AnswerDetails = {};
  readonly counts = noCounts();
  readonly #room = new PartRoom();
  readonly #parts: (() => MessagePart)[] = [];
  readonly #texts = new Map<string, StreamedText>();
  readonly #calls = new Set<string>();
  /** Of the text that a piece without a key of its own continues. */
  #open: string | undefined;

  note(details: AnswerDetails): void {
    this.details = { ...this.details, ...defined(details) };
  }

  /** @param key by default the text goes on that came last, if it is of the same type */
  text(type: TextPart['type'], piece: unknown, key?: string): void {
    if (typeof piece !== 'string' || piece === '') return;
    if (type === 'text') this.counts.textDeltas += 1;
    if (type === 'reasoning') this.counts.reasoningDeltas += 1;
    if (key === undefined && this.#open?.startsWith(`${type} `) !== true)
      this.#open = `${type} ${this.#parts.length}`;
    this.#append(key ?? this.#open ?? type, piece, (text) => text.part(type));
    if (key !== undefined) this.#open = undefined;
  }

  /** A call of a tool begins, whose arguments come in pieces. */
  call(key: string, id: unknown, name: unknown): void {
    this.#open = undefined;
    if (this.#calls.has(key)) return;
    if (this.#calls.size < MAX_CALLS) this.#calls.add(key);
    this.counts.toolCalls += 1;
    const [fits] = this.#room.fitting([key]);
    if (fits === undefined) return;
    this.#parts.push(() => toolCall(id, name, this.#argumentsOf(key)));
  }

  /** A piece of the arguments of a call that has begun. */
  callArguments(key: string, piece: unknown): void {
    if (typeof piece === 'string' && piece !== '' && this.#calls.has(key)) this.#append(`call ${key}`, piece);
  }

  /** A part that came whole. */
  push(part: MessagePart): void {
    this.#open = undefined;
    if (part.type === 'tool_call') this.counts.toolCalls += 1;
    for (const kept of this.#room.fitting([part])) this.#parts.push(() => kept);
  }

  /** The calls whose parts are known whole need not be pushed again. */
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

/** Calls that are told apart; further ones are only counted. */
const MAX_CALLS = 1_024;

/**
 * Reads a stream whose events are JSON objects that add to one message.
 *
 * @param read takes the type of an event, by its data or else its `event:` field, and its data
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
