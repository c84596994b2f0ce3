import { asObject, type JsonObject } from '../json/json.js';
import { callPart, resultPart, shapedContent, typedPart } from './parts.js';
import type { ShapedMessage, ShapedPart, ShapedRequest } from './shaped.js';
import { shapedModelTools } from './tools.js';
import { kindOf, roleWord } from './words.js';

/** The call options of the AI SDK, as its gateway takes them. */
export function shapeOfCallOptions(body: JsonObject): ShapedRequest {
  const { prompt } = body;
  return {
    system: [],
    messages: Array.isArray(prompt) ? prompt.map(messageOf) : kindOf(prompt),
    tools: shapedModelTools(body['tools']),
    isStructured: asObject(body['responseFormat'])?.['type'] === 'json',
  };
}

function messageOf(value: unknown): ShapedMessage {
  const message = asObject(value);
  if (message === undefined) return { role: `no object: ${kindOf(value)}`, parts: [] };
  return { role: roleWord(message['role']), parts: shapedContent(message['content'], partOf) };
}

function partOf(value: unknown): ShapedPart {
  const part = asObject(value);
  const id = part?.['toolCallId'];
  if (part?.['type'] === 'tool-call') return callPart('call', id, part['toolName'], part['input'], 'any');
  if (part?.['type'] !== 'tool-result') return typedPart(value);
  const output = asObject(part['output']);
  const shaped = resultPart('result', id, JSON.stringify(output?.['value'] ?? ''));
  return output === undefined ? { ...shaped, flaws: [`output: ${kindOf(part['output'])}`] } : shaped;
}
