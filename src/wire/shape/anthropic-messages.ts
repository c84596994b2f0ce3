import { asObject, type JsonObject } from '../json.js';
import { callPart, resultPart, shapedContent, textPart, typedPart, withCache } from './parts.js';
import type { ShapedMessage, ShapedPart, ShapedRequest } from './shaped.js';
import { shapedSchemas } from './tools.js';
import { kindOf, roleWord } from './words.js';

export function shapeOfMessages(body: JsonObject): ShapedRequest {
  const { system, messages } = body;
  const format = asObject(asObject(body['output_config'])?.['format']) ?? asObject(body['output_format']);
  return {
    system: system === undefined ? [] : shapedContent(system, partOf),
    messages: Array.isArray(messages) ? messages.map(messageOf) : kindOf(messages),
    tools: shapedSchemas(body['tools']),
    isStructured: format?.['type'] === 'json_schema',
  };
}

function messageOf(value: unknown): ShapedMessage {
  const message = asObject(value);
  if (message === undefined) return { role: `no object: ${kindOf(value)}`, parts: [] };
  return { role: roleWord(message['role']), parts: shapedContent(message['content'], partOf) };
}

function partOf(value: unknown): ShapedPart {
  const block = asObject(value) ?? {};
  const type = typeof block['type'] === 'string' ? block['type'] : '';
  if (type.endsWith('tool_use')) {
    return withCache(block, callPart('call', block['id'], block['name'], block['input'], 'object'));
  }
  if (type.endsWith('tool_result')) {
    // It may be empty, and need not be there.
    return withCache(block, resultPart('result', block['tool_use_id'], block['content'] ?? ''));
  }
  if (type === 'thinking') return thought(block);
  return typedPart(value);
}

/** Thoughts are taken back with their signature only. */
function thought(block: JsonObject): ShapedPart {
  const part = textPart(block['thinking'], 'thinking');
  const isSigned = typeof block['signature'] === 'string' && block['signature'] !== '';
  return isSigned ? { ...part, flaws: [] } : { ...part, flaws: ['no signature'] };
}
