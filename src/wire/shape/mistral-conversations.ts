import { asObject, asText, type JsonObject } from '../json/json.js';
import { asksForJson } from '../openai/request.js';
import { callPart, resultPart, shapedContent, textPart, typedPart } from './parts.js';
import type { ShapedMessage, ShapedPart, ShapedRequest } from './shaped.js';
import { shapedFunctions } from './tools.js';
import { charactersIn, kindOf, protocolWord, roleWord } from './words.js';

export function shapeOfConversation(body: JsonObject): ShapedRequest {
  const { instructions, inputs } = body;
  return {
    system: instructions === undefined || instructions === null ? [] : [textPart(instructions)],
    messages: messagesOf(inputs),
    tools: shapedFunctions(body['tools']),
    isStructured: asksForJson(asObject(body['completion_args'])?.['response_format']),
  };
}

function messagesOf(inputs: unknown): readonly ShapedMessage[] | string {
  if (typeof inputs === 'string') return [{ role: 'user', parts: [textPart(inputs)] }];
  return Array.isArray(inputs) ? inputs.map(entryOf) : kindOf(inputs);
}

function entryOf(value: unknown): ShapedMessage {
  const entry = asObject(value);
  if (entry === undefined) return { role: `no object: ${kindOf(value)}`, parts: [] };
  if ('role' in entry)
    return { role: roleWord(entry['role']), parts: shapedContent(entry['content'], typedPart) };
  const type = asText(entry['type'])?.replace('.', '_');
  return { role: protocolWord(type), parts: [partOf(entry)] };
}

function partOf(entry: JsonObject): ShapedPart {
  const id = entry['tool_call_id'];
  if (entry['type'] === 'function.call')
    return callPart('call', id, entry['name'], entry['arguments'], 'any');
  if (entry['type'] === 'function.result') return resultPart('result', id, entry['result']);
  return { type: 'entry', size: charactersIn(entry) };
}
