import { asList, asObject, asText, type JsonObject } from '../json/json.js';
import { callPart, resultPart, shapedContent, textPart, typedPart, withCache } from './parts.js';
import type { ShapedMessage, ShapedPart, ShapedRequest } from './shaped.js';
import { shapedSchemas } from './tools.js';
import { kindOf, roleWord } from './words.js';

export function shapeOfMessages(body: JsonObject): ShapedRequest {
  const { system, messages } = body;
  const format = asObject(asObject(body['output_config'])?.['format']) ?? asObject(body['output_format']);
  return {
    system: system === undefined ? [] : shapedContent(system, partOf),
    messages: Array.isArray(messages) ? withPrefill(messages.map(messageOf), messages) : kindOf(messages),
    tools: shapedSchemas(body['tools']),
    isStructured: format?.['type'] === 'json_schema',
  };
}

function messageOf(value: unknown): ShapedMessage {
  const message = asObject(value);
  if (message === undefined) return { role: `no object: ${kindOf(value)}`, parts: [] };
  return { role: roleWord(message['role']), parts: shapedContent(message['content'], partOf) };
}

/** What the assistant is to go on from may not end in white space. */
function withPrefill(shaped: ShapedMessage[], messages: readonly unknown[]): ShapedMessage[] {
  const last = asObject(messages.at(-1));
  const block = asObject(asList(last?.['content']).at(-1));
  const text = asText(last?.['content']) ?? asText(block?.['text']);
  const message = shaped.at(-1);
  if (message === undefined || last?.['role'] !== 'assistant' || text === text?.trimEnd()) return shaped;
  const [part] = message.parts.slice(-1);
  const flawed = { type: 'text', ...part, flaws: [...(part?.flaws ?? []), 'ends in white space'] };
  return [...shaped.slice(0, -1), { ...message, parts: [...message.parts.slice(0, -1), flawed] }];
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
