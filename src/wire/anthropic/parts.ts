import { type MediaPart, type Message, type MessagePart, type TextPart, textPart } from '../content.js';
import { boundedValue, unreadPart } from '../facts/bounded-value.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { base64Part, blobPart, filePart, uriPart } from '../facts/media.js';
import { asList, asObject, asText, type JsonObject } from '../json/json.js';

/** A message, or a system prompt: its content is a text or a list of blocks. */
export function partsOf(content: unknown): readonly MessagePart[] {
  return typeof content === 'string' ? [textPart('text', content)] : asList(content).map(partOf);
}

/** Results of tools come in the name of the user; where there is nothing else, the message is the tool's. */
export function messageOf(value: unknown): Message {
  const message = asObject(value);
  const role = asLabel(message?.['role']) ?? 'user';
  const parts = partsOf(message?.['content']);
  const fromTool = role === 'user' && parts.length > 0 && parts.every((part) => part.type === RESPONSE);
  return { role: fromTool ? 'tool' : role, parts };
}

const RESPONSE = 'tool_call_response';

export type ToolCallPart = Extract<MessagePart, { readonly type: 'tool_call' }>;

/** Types of blocks that call a tool: the application's, the provider's, one of an MCP server. */
const CALLS: ReadonlySet<unknown> = new Set(['tool_use', 'server_tool_use', 'mcp_tool_use']);

export function isToolCall(block: JsonObject): boolean {
  return CALLS.has(block['type']) && typeof block['name'] === 'string';
}

export function partOf(value: unknown): MessagePart {
  const block = asObject(value) ?? {};
  const isResult = block['type'] === 'tool_result' || block['type'] === 'mcp_tool_result';
  return isResult ? toolResponse(block) : innerPart(value, block);
}

/** What may also stand in the result of a tool: results in results would be read as deep as they are nested. */
function innerPart(value: unknown, block = asObject(value) ?? {}): MessagePart {
  return knownPart(block) ?? unreadPart(block['type'], value);
}

function knownPart(block: JsonObject): MessagePart | undefined {
  const { type } = block;
  switch (type) {
    case 'text':
      return written('text', block['text']);
    case 'thinking':
      return written('reasoning', block['thinking']);
    case 'image':
    case 'document':
      return mediaPart(type, asObject(block['source']));
    default:
      return isToolCall(block) ? toolCall(block) : undefined;
  }
}

function written(type: TextPart['type'], value: unknown): TextPart | undefined {
  const text = asText(value);
  return text === undefined ? undefined : textPart(type, text);
}

export function toolCall(block: JsonObject): ToolCallPart {
  return {
    type: 'tool_call',
    ...defined({ id: asLabel(block['id']) }),
    name: asLabel(block['name']) ?? '',
    ...defined({ arguments: boundedValue(block['input']) }),
  };
}

function toolResponse(block: JsonObject): MessagePart {
  const { content } = block;
  const given = Array.isArray(content) ? content.map((inner) => innerPart(inner)) : boundedValue(content);
  const response = block['is_error'] === true ? { is_error: true, ...defined({ content: given }) } : given;
  return { type: RESPONSE, ...defined({ id: asLabel(block['tool_use_id']), response }) };
}

/** A document may also be a text, or further blocks; of a text the size is told, as of any other file. */
function mediaPart(modality: string, source: JsonObject | undefined): MediaPart | undefined {
  const mimeType = source?.['media_type'];
  const data = asText(source?.['data']);
  const url = asText(source?.['url']);
  const file = asLabel(source?.['file_id']);
  if (source?.['type'] === 'text' && data !== undefined) {
    return blobPart(Buffer.byteLength(data), mimeType, modality);
  }
  if (data !== undefined) return base64Part(data, mimeType, modality);
  if (url !== undefined) return uriPart(url, mimeType, modality);
  return file === undefined ? undefined : filePart(file, modality);
}
