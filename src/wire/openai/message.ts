import { type Message, type MessagePart, textPart } from '../content.js';
import { asLabel } from '../facts/label.js';
import { base64Part, filePart } from '../facts/media.js';
import { asList, asObject, asText, type JsonObject } from '../json/json.js';
import { contentPart, contentParts, said } from './content.js';
import { chatToolCall, functionArguments, toolCall, toolResponse } from './tools.js';

/** A message of Chat Completions, of a request or of an answer; `undefined` for what is none. */
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

/** What a message holds, in the order in which a model makes it: thoughts, text, calls. */
function messageParts(message: JsonObject): MessagePart[] {
  const audio = asObject(message['audio']);
  return [
    said('reasoning', reasoningIn(message), textPart),
    ...contentParts(message['content']),
    said('refusal', message['refusal'], textPart),
    said('text', audio?.['transcript'], textPart),
    ...asList(message['images']).map((image) => contentPart(image)),
    soundPart(audio),
    ...asList(message['tool_calls']).map(chatToolCall),
    legacyCall(asObject(message['function_call'])),
  ].filter((part) => part !== undefined);
}

/**
 * What the model thought aloud, in a message or a delta: `reasoning_content` with DeepSeek, xAI and older vLLM,
 * `reasoning` with OpenRouter, Groq, Ollama and vLLM; OpenRouter repeats it in `reasoning_details`, where
 * encrypted entries have no text.
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

/** The data of spoken output are measured; in a history it has an id alone. */
function soundPart(audio: JsonObject | undefined): MessagePart | undefined {
  const data = asText(audio?.['data']);
  if (data !== undefined) return base64Part(data, undefined, 'audio');
  const id = asLabel(audio?.['id']);
  return id === undefined ? undefined : filePart(id, 'audio');
}

/** From before there were tools: one call, without an id. */
function legacyCall(call: JsonObject | undefined): MessagePart | undefined {
  if (call === undefined) return undefined;
  return toolCall(undefined, call['name'], functionArguments(call['arguments']));
}
