import type { WireFormatName } from '../format.js';
import { boundedJson } from '../json/bounded-json.js';
import { asObject, type JsonObject } from '../json/json.js';
import { shapeOfCallOptions } from './ai-sdk.js';
import { shapeOfMessages } from './anthropic-messages.js';
import { shapeOfConverse, shapeOfInvoke } from './bedrock.js';
import { shapeOfGenerateContent } from './gemini-generate-content.js';
import { shapeOfConversation } from './mistral-conversations.js';
import { shapeOfOllama } from './ollama.js';
import { shapeOfChat } from './openai-chat.js';
import { shapeOfCompletions } from './openai-completions.js';
import { shapeOfResponses } from './openai-responses.js';
import { type NumberedMessage, type NumberedPart, numberCalls } from './pairing.js';
import { shapedParameters } from './parameters.js';
import type { ShapedRequest, ShapedTool } from './shaped.js';
import { kindOf } from './words.js';

const READERS: Readonly<Record<WireFormatName, (body: JsonObject) => ShapedRequest>> = {
  'openai-chat': shapeOfChat,
  'openai-responses': shapeOfResponses,
  'openai-completions': shapeOfCompletions,
  'anthropic-messages': shapeOfMessages,
  'gemini-generate-content': shapeOfGenerateContent,
  'bedrock-converse': shapeOfConverse,
  'bedrock-invoke': shapeOfInvoke,
  'cohere-chat': shapeOfChat,
  ollama: shapeOfOllama,
  'mistral-conversations': shapeOfConversation,
  'ai-gateway': shapeOfCallOptions,
};

/** All together 10 KB. */
const MESSAGES_BYTES = 6_000;
const LIST_BYTES = 1_000;
const PARAMETERS_LENGTH = 2_000;
const MAX_PARTS = 12;
/** How many places of each flaw are told. */
const MAX_PLACES = 10;

/**
 * What a request is made of, as JSON without a character of its content: roles, types and sizes (in UTF-16 units)
 * of parts, calls of tools and whether each has its result, names of tools where they are identifiers, and
 * parameters that are numbers or words of the protocol. `flaws` says in which messages (from 0) something does not
 * fit together or is seldom wanted; what is too long is left out in the middle.
 *
 * @param body the parsed JSON of a request's body, of any shape
 */
export function requestShape(format: WireFormatName, body: unknown): string {
  const members = asObject(body);
  if (members === undefined) return JSON.stringify({ format, unread: kindOf(body) });
  const { system, messages, tools, isStructured } = READERS[format](members);
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
  return JSON.stringify(parameters).length <= PARAMETERS_LENGTH ? parameters : kindOf(parameters);
}

function bounded(list: readonly unknown[], maxBytes: number): { rows: unknown; leftOut: number } {
  const { json, leftOut } = boundedJson(list, maxBytes);
  return { rows: JSON.parse(json), leftOut };
}

/** `["assistant", "text 12", "call #1 get_weather 15: no result"]` */
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

/** The first messages that have each of the flaws; they are there also where those messages are left out. */
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
