import { asObject, type JsonObject } from '../json/json.js';
import { shapeOfMessages } from './anthropic-messages.js';
import { callPart, resultPart, shapedContent, textPart } from './parts.js';
import type { ShapedMessage, ShapedPart, ShapedRequest } from './shaped.js';
import { shapedSpecifications } from './tools.js';
import { charactersIn, kindOf, protocolWord, roleWord } from './words.js';

export function shapeOfConverse(body: JsonObject): ShapedRequest {
  const { system, messages } = body;
  return {
    system: system === undefined ? [] : shapedContent(system, partOf),
    messages: Array.isArray(messages) ? messages.map(messageOf) : kindOf(messages),
    tools: shapedSpecifications(asObject(body['toolConfig'])?.['tools']),
    isStructured: false,
  };
}

/** By the model that is asked: Anthropic's messages, Amazon's like those of Converse, or a prompt. */
export function shapeOfInvoke(body: JsonObject): ShapedRequest {
  if (body['anthropic_version'] !== undefined) return shapeOfMessages(body);
  const prompt = body['prompt'] ?? body['inputText'];
  if (prompt === undefined) return shapeOfConverse(body);
  return {
    system: [],
    messages: [{ role: 'user', parts: [textPart(prompt)] }],
    tools: [],
    isStructured: false,
  };
}

function messageOf(value: unknown): ShapedMessage {
  const message = asObject(value);
  if (message === undefined) return { role: `no object: ${kindOf(value)}`, parts: [] };
  return { role: roleWord(message['role']), parts: shapedContent(message['content'], partOf) };
}

/** A block has one member, which says what it is. */
function partOf(value: unknown): ShapedPart {
  const block = asObject(value);
  if (block === undefined) return { type: 'block', flaws: [`no object: ${kindOf(value)}`] };
  const names = Object.keys(block);
  const [name] = names;
  if (name === undefined) return { type: 'block', flaws: ['empty'] };
  if (names.length > 1) return { type: names.map(protocolWord).join('+'), flaws: ['more than one'] };
  const members = asObject(block[name]);
  switch (name) {
    case 'text':
      return textPart(block['text']);
    case 'toolUse':
      return callPart('call', members?.['toolUseId'], members?.['name'], members?.['input'], 'object');
    case 'toolResult':
      return resultPart('result', members?.['toolUseId'], members?.['content']);
    case 'reasoningContent':
      return thought(members);
    default:
      return { type: withFormat(name, members), size: charactersIn(members) };
  }
}

/** Thoughts are taken back with their signature only. */
function thought(content: JsonObject | undefined): ShapedPart {
  const reasoning = asObject(content?.['reasoningText']);
  if (reasoning === undefined) return { type: 'reasoningContent', size: charactersIn(content) };
  const part = textPart(reasoning['text'], 'reasoningContent');
  const isSigned = typeof reasoning['signature'] === 'string' && reasoning['signature'] !== '';
  return isSigned ? part : { ...part, flaws: [...(part.flaws ?? []), 'no signature'] };
}

const MEDIA: ReadonlySet<string> = new Set(['image', 'document', 'video', 'audio']);

function withFormat(name: string, members: JsonObject | undefined): string {
  const format = members?.['format'];
  return MEDIA.has(name) && format !== undefined ? `${name} ${protocolWord(format)}` : protocolWord(name);
}
