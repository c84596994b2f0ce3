import { asList, asObject, asText, type JsonObject } from '../json/json.js';
import {
  callPart,
  contentMessage,
  resultPart,
  shapedContent,
  shapedSchemas,
  shapedSpecifications,
  textPart,
  typedPart,
  withCache,
} from './parts.js';
import {
  charactersIn,
  protocolWord,
  type ShapedMessage,
  type ShapedPart,
  type ShapedRequest,
  valueKind,
} from './words.js';

export function shapeOfConverse(body: JsonObject): ShapedRequest {
  const { system, messages } = body;
  return {
    system: system === undefined ? [] : shapedContent(system, conversePart),
    messages: Array.isArray(messages) ? messages.map(converseMessage) : valueKind(messages),
    tools: shapedSpecifications(asObject(body['toolConfig'])?.['tools']),
    isStructured: false,
  };
}

/** By model: Anthropic's messages, Amazon's messages in the form of Converse, or a prompt. */
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

function converseMessage(value: unknown): ShapedMessage {
  return contentMessage(value, conversePart);
}

/** A block has a single member, whose name is its type. */
function conversePart(value: unknown): ShapedPart {
  const block = asObject(value);
  if (block === undefined) return { type: 'block', flaws: [`no object: ${valueKind(value)}`] };
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
      return converseThought(members);
    default:
      return { type: withFormat(name, members), size: charactersIn(members) };
  }
}

/** The API accepts reasoning in a request only with its signature. */
function converseThought(content: JsonObject | undefined): ShapedPart {
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

export function shapeOfMessages(body: JsonObject): ShapedRequest {
  const { system, messages } = body;
  const format = asObject(asObject(body['output_config'])?.['format']) ?? asObject(body['output_format']);
  return {
    system: system === undefined ? [] : shapedContent(system, partOf),
    messages: Array.isArray(messages) ? withPrefill(messages.map(messageOf), messages) : valueKind(messages),
    tools: shapedSchemas(body['tools']),
    isStructured: format?.['type'] === 'json_schema',
  };
}

function messageOf(value: unknown): ShapedMessage {
  return contentMessage(value, partOf);
}

/** An assistant message that the model continues must not end in white space. */
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
    // The content may be empty or absent.
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
