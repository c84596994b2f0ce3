import { type Message, type MessagePart, textPart } from '../content.js';
import { boundedValue, unreadPart } from '../facts/bounded-value.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { base64Part, uriPart } from '../facts/media.js';
import { asObject, asText, type JsonObject } from '../json/json.js';
import { listOf, membersOf } from './members.js';

/** A content: a turn of the conversation, or the system's instructions. */
export function partsOf(content: unknown): readonly MessagePart[] {
  return listOf(membersOf(content)?.['parts']).map(partOf);
}

/** Results of tools come in the name of the user; where there is nothing else, the message is the tool's. */
export function messageOf(content: unknown): Message {
  const role = asLabel(asObject(content)?.['role']) ?? 'user';
  const parts = partsOf(content);
  const fromTool = role === 'user' && parts.length > 0 && parts.every((part) => part.type === RESPONSE);
  return { role: fromTool ? 'tool' : (ROLES.get(role) ?? role), parts };
}

const RESPONSE = 'tool_call_response';

const ROLES: ReadonlyMap<string, string> = new Map([
  ['model', 'assistant'],
  ['function', 'tool'],
]);

/** What a part has beside the member that says what it is. */
const ASIDE: ReadonlySet<string> = new Set([
  'thought',
  'thoughtSignature',
  'mediaResolution',
  'mediaProcessing',
  'partMetadata',
  'videoMetadata',
  'speechMetadata',
]);

export function partOf(value: unknown): MessagePart {
  const part = membersOf(value) ?? {};
  const text = asText(part['text']);
  if (text !== undefined) return textPart(writtenType(part), text);
  const known =
    toolCall(asObject(part['functionCall'])) ??
    toolResponse(asObject(part['functionResponse'])) ??
    inlineData(membersOf(part['inlineData'])) ??
    fileData(membersOf(part['fileData']));
  return (
    known ??
    unreadPart(
      Object.keys(part).find((name) => !ASIDE.has(name)),
      value,
    )
  );
}

/** Of a part that has a text. */
export function writtenType(part: JsonObject): 'text' | 'reasoning' {
  return part['thought'] === true ? 'reasoning' : 'text';
}

export function isToolCall(part: JsonObject): boolean {
  return typeof asObject(part['functionCall'])?.['name'] === 'string';
}

function toolCall(call: JsonObject | undefined): MessagePart | undefined {
  const name = asLabel(call?.['name']);
  if (name === undefined) return undefined;
  return {
    type: 'tool_call',
    ...defined({ id: asLabel(call?.['id']) }),
    name,
    ...defined({ arguments: boundedValue(call?.['args']) }),
  };
}

/** Where calls have no ids, the name tells what is answered. */
function toolResponse(response: JsonObject | undefined): MessagePart | undefined {
  if (response === undefined) return undefined;
  const id = asLabel(response['id']) ?? asLabel(response['name']);
  return { type: RESPONSE, ...defined({ id, response: boundedValue(response['response']) }) };
}

function inlineData(blob: JsonObject | undefined): MessagePart | undefined {
  const data = asText(blob?.['data']);
  return data === undefined ? undefined : base64Part(data, blob?.['mimeType']);
}

function fileData(file: JsonObject | undefined): MessagePart | undefined {
  const uri = asText(file?.['fileUri']);
  return uri === undefined ? undefined : uriPart(uri, file?.['mimeType']);
}
