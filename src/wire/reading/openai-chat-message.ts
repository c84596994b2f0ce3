import { type Message, type MessagePart, textPart } from '../content.js';
import { asCount, asLabel, asList, asObject, asText, type JsonObject } from '../json/json.js';
import type { PartLimit, StreamedText } from '../stream/streamed-parts.js';
import { contentPart, contentParts, nonEmptyText } from './openai-content.js';
import { chatToolCall, customInput, functionArguments, toolCall, toolResponse } from './openai-request.js';
import { base64Part, filePart } from './values.js';

interface Call {
  id: string | undefined;
  name: string | undefined;
  readonly isCustom: boolean;
  readonly given: StreamedText;
}

/** The tool calls of a streamed message, assembled by `index`. */
export class StreamedCalls {
  readonly #room: PartLimit;
  readonly #calls: Call[] = [];
  readonly #byIndex = new Map<number | undefined, Call>();

  constructor(room: PartLimit) {
    this.#room = room;
  }

  /** Adds a piece. Returns true if it starts a call. */
  add(value: unknown): boolean {
    const piece = asObject(value);
    const custom = asObject(piece?.['custom']);
    const called = custom ?? asObject(piece?.['function']);
    const index = asCount(piece?.['index']);
    const id = asLabel(piece?.['id']) || undefined;
    const name = asLabel(called?.['name']) || undefined;
    const known = this.#byIndex.get(index);
    const begins =
      known === undefined ? (id ?? name) !== undefined : startsAnotherCall(known, index, id, name);
    const call = begins ? this.#begin(index, custom !== undefined) : known;
    if (call === undefined) return begins;
    call.id ??= id;
    call.name ??= name;
    call.given.append(asText(called?.['arguments']) ?? asText(called?.['input']) ?? '');
    return begins;
  }

  parts(): MessagePart[] {
    return this.#calls.map(({ id, name, isCustom, given: { content, length } }) =>
      toolCall(id, name, isCustom ? customInput(content, length) : functionArguments(content, length)),
    );
  }

  #begin(index: number | undefined, isCustom: boolean): Call | undefined {
    const given = this.#room.text();
    if (given === undefined) {
      // Further pieces do not belong to the earlier call with this index.
      this.#byIndex.delete(index);
      return undefined;
    }
    const call = { id: undefined, name: undefined, isCustom, given };
    this.#calls.push(call);
    this.#byIndex.set(index, call);
    return call;
  }
}

/**
 * Whether a piece is another, complete call with the same index: Ollama sends 0 for all calls, some Google models no
 * index. A new id alone is not enough, since older vLLM versions generate one for each piece.
 */
function startsAnotherCall(
  known: Call,
  index: number | undefined,
  id: string | undefined,
  name: string | undefined,
): boolean {
  if (name === undefined || known.name === undefined) return false;
  return index === undefined || (id !== undefined && id !== known.id);
}

export function chatMessage(value: unknown, defaultRole: string): Message | undefined {
  const message = asObject(value);
  if (message === undefined) return undefined;
  const role = asLabel(message['role']) ?? defaultRole;
  const isResponse = role === 'tool' || role === 'function';
  return {
    role,
    parts: isResponse ? [toolResponse(message['tool_call_id'], message['content'])] : messageParts(message),
  };
}

/** The parts of a message in the order of generation: reasoning, text, calls. */
function messageParts(message: JsonObject): MessagePart[] {
  const audio = asObject(message['audio']);
  return [
    nonEmptyText('reasoning', reasoningIn(message), textPart),
    ...contentParts(message['content']),
    nonEmptyText('refusal', message['refusal'], textPart),
    nonEmptyText('text', audio?.['transcript'], textPart),
    ...asList(message['images']).map((image) => contentPart(image)),
    audioOutput(audio),
    ...asList(message['tool_calls']).map(chatToolCall),
    legacyCall(asObject(message['function_call'])),
  ].filter((part) => part !== undefined);
}

/**
 * The reasoning in a message or a delta: `reasoning_content` for DeepSeek, xAI and older vLLM versions, `reasoning`
 * for OpenRouter, Groq, Ollama and vLLM. OpenRouter repeats it in `reasoning_details`, whose encrypted entries have
 * no text.
 */
export function reasoningIn(message: JsonObject): string | undefined {
  const plain = asText(message['reasoning_content']) || asText(message['reasoning']);
  if (plain) return plain;
  const details = message['reasoning_details'];
  return Array.isArray(details) ? details.map(detailText).join('') : undefined;
}

function detailText(value: unknown): string {
  const detail = asObject(value);
  return asText(detail?.['text']) ?? asText(detail?.['summary']) ?? '';
}

/** Spoken output, recorded by its size. In a history it has only an id. */
function audioOutput(audio: JsonObject | undefined): MessagePart | undefined {
  const data = asText(audio?.['data']);
  if (data !== undefined) return base64Part(data, undefined, 'audio');
  const id = asLabel(audio?.['id']);
  return id === undefined ? undefined : filePart(id, 'audio');
}

/** The legacy `function_call`, a single call without an id. */
function legacyCall(call: JsonObject | undefined): MessagePart | undefined {
  if (call === undefined) return undefined;
  return toolCall(undefined, call['name'], functionArguments(call['arguments']));
}
