import { type MediaPart, type Message, type MessagePart, textPart } from '../content.js';
import { boundedValue, unreadPart } from '../facts/bounded-value.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { base64Part, blobPart, uriPart } from '../facts/media.js';
import { asList, asObject, asText, type JsonObject } from '../json/json.js';
import { toolCall } from '../openai/tools.js';

const RESPONSE = 'tool_call_response';

/** A message of Converse. One that holds nothing but results of tools is the tools', though it says `user`. */
export function messageOf(value: unknown): Message {
  const message = asObject(value);
  const role = asLabel(message?.['role']) ?? 'user';
  const parts = partsOf(message?.['content']);
  const fromTool = role === 'user' && parts.length > 0 && parts.every((part) => part.type === RESPONSE);
  return { role: fromTool ? 'tool' : role, parts };
}

/** The content of a message or the system's instructions: blocks that have one member each. */
export function partsOf(content: unknown): MessagePart[] {
  return asList(content).map((value) => {
    const block = asObject(value) ?? {};
    const result = asObject(block['toolResult']);
    return result === undefined ? innerPart(value, block) : toolResponse(result);
  });
}

/** What may also stand in the result of a tool: results in results would be read as deep as they are nested. */
function innerPart(value: unknown, block: JsonObject): MessagePart {
  return knownPart(block) ?? unreadPart(Object.keys(block)[0], value);
}

function knownPart(block: JsonObject): MessagePart | undefined {
  const text = asText(block['text']) ?? asText(asObject(asObject(block['guardContent'])?.['text'])?.['text']);
  if (text !== undefined) return textPart('text', text);
  const thought = asObject(asObject(block['reasoningContent'])?.['reasoningText']);
  if (thought !== undefined) return textPart('reasoning', asText(thought['text']) ?? '');
  const call = asObject(block['toolUse']);
  if (call !== undefined) return toolCall(call['toolUseId'], call['name'], boundedValue(call['input']));
  for (const modality of ['image', 'document', 'video', 'audio']) {
    const media = asObject(block[modality]);
    if (media !== undefined) return mediaPart(modality, media);
  }
  return undefined;
}

function toolResponse(result: JsonObject): MessagePart {
  const content = asList(result['content']).map((value) => {
    const block = asObject(value) ?? {};
    return Object.hasOwn(block, 'json') ? boundedValue(block['json']) : innerPart(value, block);
  });
  const response = result['status'] === 'error' ? { is_error: true, content } : content;
  return { type: RESPONSE, ...defined({ id: asLabel(result['toolUseId']) }), response };
}

/** The type of the media is the end of their MIME type. */
function mediaPart(modality: string, media: JsonObject): MediaPart | undefined {
  const source = asObject(media['source']);
  const format = asLabel(media['format']);
  const type = modality === 'document' ? 'application' : modality;
  const mimeType = format === undefined ? undefined : `${type}/${format}`;
  const uri = asText(asObject(source?.['s3Location'])?.['uri']);
  const data = asText(source?.['bytes']);
  const text = asText(source?.['text']);
  if (uri !== undefined) return uriPart(uri, mimeType, modality);
  if (data !== undefined) return base64Part(data, mimeType, modality);
  return text === undefined ? undefined : blobPart(Buffer.byteLength(text), mimeType, modality);
}
