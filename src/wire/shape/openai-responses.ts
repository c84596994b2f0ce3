import { asObject, type JsonObject } from '../json/json.js';
import { asksForJson } from '../openai/request.js';
import { callPart, resultPart, shapedContent, textPart, typedPart } from './parts.js';
import type { ShapedMessage, ShapedPart, ShapedRequest } from './shaped.js';
import { shapedFunctions } from './tools.js';
import { charactersIn, kindOf, protocolWord, roleWord } from './words.js';

export function shapeOfResponses(body: JsonObject): ShapedRequest {
  const { instructions } = body;
  return {
    system: instructions === undefined || instructions === null ? [] : [textPart(instructions)],
    messages: messagesOf(body['input']),
    tools: shapedFunctions(body['tools']),
    isStructured: asksForJson(asObject(body['text'])?.['format']),
  };
}

function messagesOf(input: unknown): readonly ShapedMessage[] | string {
  if (typeof input === 'string') return [{ role: 'user', parts: [textPart(input)] }];
  return Array.isArray(input) ? input.map(itemOf) : kindOf(input);
}

function itemOf(value: unknown): ShapedMessage {
  const item = asObject(value);
  if (item === undefined) return { role: `no object: ${kindOf(value)}`, parts: [] };
  const { type } = item;
  const isMessage = type === 'message' || (type === undefined && 'role' in item);
  if (isMessage) return { role: roleWord(item['role']), parts: shapedContent(item['content'], typedPart) };
  return { role: protocolWord(type), parts: [partOf(item)] };
}

function partOf(item: JsonObject): ShapedPart {
  const id = item['call_id'];
  switch (item['type']) {
    case 'function_call':
      return callPart('call', id, item['name'], item['arguments'], 'text');
    case 'custom_tool_call':
      return callPart('call', id, item['name'], item['input'], 'any');
    case 'function_call_output':
    case 'custom_tool_call_output':
      return resultPart('result', id, item['output']);
    default:
      return { type: 'item', size: charactersIn(item), flaws: 'id' in item ? [] : ['no id'] };
  }
}
