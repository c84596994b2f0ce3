import type { WireFormatName } from '../format.js';
import { asObject, type JsonObject, jsonText } from '../json/json.js';
import { shapeOfConverse, shapeOfInvoke, shapeOfMessages } from './anthropic-bedrock.js';
import { shapeOfChat, shapeOfCompletions, shapeOfResponses } from './openai.js';
import {
  shapeOfCallOptions,
  shapeOfConversation,
  shapeOfGenerateContent,
  shapeOfOllama,
} from './other-providers.js';
import { type NumberedMessage, type NumberedPart, numberCalls, shapedParameters } from './parameters.js';
import {
  callPart,
  resultPart,
  shapedContent,
  shapedFunctions,
  shapedInstructions,
  shapedMessage,
  textPart,
  typedPart,
} from './parts.js';
import {
  protocolWord,
  type ShapedMessage,
  type ShapedPart,
  type ShapedRequest,
  type ShapedTool,
  valueKind,
} from './words.js';

function shapeOfInteraction(body: JsonObject): ShapedRequest {
  const { system_instruction: system, input, response_format: format } = body;
  return {
    system: shapedInstructions(system),
    messages: interactionMessages(input),
    tools: shapedFunctions(body['tools']),
    isStructured: format !== undefined || body['response_mime_type'] === 'application/json',
  };
}

function interactionMessages(input: unknown): readonly ShapedMessage[] | string {
  if (typeof input === 'string') return [{ role: 'user', parts: [textPart(input)] }];
  if (Array.isArray(input)) return input.map(entryOf);
  return asObject(input) === undefined ? valueKind(input) : [entryOf(input)];
}

/** A step or a content of the user. */
function entryOf(value: unknown): ShapedMessage {
  return shapedMessage(value, (entry) => {
    const { type, content } = entry;
    if (type === 'function_call' || type === 'function_result')
      return { role: String(type), parts: [toolPart(entry)] };
    if (content === undefined) return { role: 'user', parts: [typedPart(entry)] };
    return { role: protocolWord(type), parts: shapedContent(content, typedPart) };
  });
}

function toolPart(step: JsonObject): ShapedPart {
  return step['type'] === 'function_call'
    ? callPart('call', step['id'], step['name'], step['arguments'], 'object')
    : resultPart('result', step['call_id'], step['result']);
}

/** Replicate's predictions, whose input depends on the model. */
function shapeOfPrediction({ input }: JsonObject): ShapedRequest {
  const members = asObject(input);
  const system = members?.['system_prompt'];
  const prompt = members?.['prompt'];
  return {
    system: shapedInstructions(system),
    messages:
      members === undefined ? valueKind(input) : [{ role: 'user', parts: [textPart(prompt, 'prompt')] }],
    tools: [],
    isStructured: false,
  };
}

const READERS: Readonly<Record<WireFormatName, (body: JsonObject) => ShapedRequest>> = {
  'openai-chat': shapeOfChat,
  'openai-responses': shapeOfResponses,
  'openai-completions': shapeOfCompletions,
  'anthropic-messages': shapeOfMessages,
  'gemini-generate-content': shapeOfGenerateContent,
  'gemini-interactions': shapeOfInteraction,
  'bedrock-converse': shapeOfConverse,
  'bedrock-invoke': shapeOfInvoke,
  'cohere-chat': shapeOfChat,
  ollama: shapeOfOllama,
  'mistral-conversations': shapeOfConversation,
  'ai-gateway': shapeOfCallOptions,
  'replicate-predictions': shapeOfPrediction,
  'openai-realtime': shapeOfResponses,
  'gemini-live': shapeOfGenerateContent,
};

function readerOf(format: string): (body: JsonObject) => ShapedRequest {
  return Object.hasOwn(READERS, format) ? READERS[format as WireFormatName] : shapeOfChat;
}

const MESSAGES_BYTES = 6_000;
const LIST_BYTES = 1_000;
const PARAMETERS_LENGTH = 2_000;
const MAX_PARTS = 12;
const MAX_PLACES = 10;

/**
 * Returns the shape of a request as JSON of at most 10 KB without content: roles, part types and sizes in UTF-16 code
 * units, tool calls with their results, tool names that are identifiers, and parameters that are numbers or protocol
 * words. `flaws` lists inconsistencies with the indexes of their messages, from 0. Long lists are shortened in the
 * middle.
 *
 * @param body the parsed JSON of a request body, of any form
 * @param like the known format of the body; others are read as Chat Completions
 */
export function requestShape(format: string, body: unknown, like: string = format): string {
  const members = asObject(body);
  if (members === undefined) return JSON.stringify({ format, unread: valueKind(body) });
  const { system, messages, tools, isStructured } = readerOf(like)(members);
  const numbered = typeof messages === 'string' ? [] : numberCalls(messages);
  const flaws = placesOfFlaws(numbered);
  const rows = typeof messages === 'string' ? undefined : bounded(numbered.map(rowOf), MESSAGES_BYTES);
  return JSON.stringify({
    format,
    structured: isStructured,
    parameters: brief(shapedParameters(members)),
    ...(tools.length > 0 && { tools: bounded(tools.map(toolText), LIST_BYTES).rows }),
    ...(system.length > 0 && { system: bounded(system.map(partText), LIST_BYTES).rows }),
    ...(Object.keys(flaws).length > 0 && { flaws }),
    message_count: rows === undefined ? messages : numbered.length,
    ...(rows !== undefined && { messages: rows.rows }),
    ...(rows !== undefined && rows.leftOut > 0 && { messages_left_out: rows.leftOut }),
  });
}

function brief(parameters: object): unknown {
  return JSON.stringify(parameters).length <= PARAMETERS_LENGTH ? parameters : valueKind(parameters);
}

function bounded(list: readonly unknown[], maxBytes: number): { rows: unknown; leftOut: number } {
  const { json, leftOut } = boundedJson(list, maxBytes);
  return { rows: JSON.parse(json), leftOut };
}

/** For example `["assistant", "text 12", "call #1 get_weather 15: no result"]`. */
function rowOf({ role, parts }: NumberedMessage): string[] {
  if (parts.length <= MAX_PARTS) return [role, ...parts.map(partText)];
  return [role, ...parts.slice(0, MAX_PARTS).map(partText), `${parts.length - MAX_PARTS} more`];
}

function partText({ type, number, name, size, flaws = [] }: NumberedPart): string {
  const words = [type, number === undefined ? undefined : `#${number}`, name, size];
  return withFlaws(words.filter((word) => word !== undefined).join(' '), flaws);
}

function toolText({ name, flaws }: ShapedTool): string {
  return withFlaws(name, flaws);
}

function withFlaws(text: string, flaws: readonly string[]): string {
  return flaws.length === 0 ? text : `${text}: ${flaws.join(', ')}`;
}

/** Maps each flaw to the indexes of its first messages, including messages omitted from the shape. */
function placesOfFlaws(messages: readonly NumberedMessage[]): Record<string, number[]> {
  const places: Record<string, number[]> = {};
  for (const [at, { parts }] of messages.entries()) {
    for (const flaw of new Set(parts.flatMap(({ flaws = [] }) => flaws))) {
      const known = places[flaw] ?? [];
      if (known.length < MAX_PLACES) places[flaw] = [...known, at];
    }
  }
  return places;
}

const BRACKETS = '[]'.length;
const COMMA = ','.length;
/** The maximum number of elements serialized together. */
const MOST_AT_ONCE = 32;
/** UTF-8 bytes per UTF-16 code unit. */
const MOST_BYTES = 3;

/**
 * Serializes a list to at most `maxBytes` bytes of UTF-8 (at least 2): its first element and as many of the last ones
 * as fit. Omits elements that cannot be serialized or are too large alone. Works from the end, to serialize at most
 * one omitted element.
 *
 * @returns the JSON and the number of omitted elements
 */
export function boundedJson(
  list: readonly unknown[],
  maxBytes: number,
): { readonly json: string; readonly leftOut: number } {
  const whole = list.length <= MOST_AT_ONCE && list.every(isPlainObject) ? jsonText(list) : undefined;
  // A fast check that does not need the size in UTF-8.
  if (whole !== undefined && MOST_BYTES * whole.length <= maxBytes) return { json: whole, leftOut: 0 };
  const capacity = maxBytes - BRACKETS;
  let room = capacity;
  const last: string[] = [];
  const first = jsonWithin(list[0], capacity);
  if (first !== undefined) room -= Buffer.byteLength(first) + COMMA;
  for (let index = list.length - 1; index > 0; index--) {
    const text = jsonWithin(list[index], capacity);
    if (text === undefined) continue;
    const size = Buffer.byteLength(text);
    if (size > room) break;
    room -= size + COMMA;
    last.push(text);
  }
  const kept = first === undefined ? last.reverse() : [first, ...last.reverse()];
  return { json: `[${kept.join(',')}]`, leftOut: list.length - kept.length };
}

/** Whether the JSON of the value does not depend on the list around it. */
function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !('toJSON' in value);
}

/** Returns `undefined` if the value cannot be serialized or exceeds `maxBytes`. */
function jsonWithin(value: unknown, maxBytes: number): string | undefined {
  const text = jsonText(value);
  return text === undefined || Buffer.byteLength(text) > maxBytes ? undefined : text;
}
