import type { Fields } from '../../debug-tab/contract.js';
import { ATTR_GEN_AI_INPUT_MESSAGES, ATTR_GEN_AI_SYSTEM_INSTRUCTIONS } from '../../semconv.js';
import { json, object } from './attributes.js';
import { laidOut } from './json-text.js';
import { bytes, count } from './words.js';

export interface Message {
  readonly role: string;
  readonly parts: readonly Part[];
  readonly finishReason: string | undefined;
}

export interface Part {
  /** For example `text`, `reasoning`, `tool call forecast` or `image/png`. */
  readonly title: string;
  readonly type: string;
  readonly content: string;
  readonly absent: string | undefined;
}

/**
 * Returns the messages in `gen_ai.input.messages` or `gen_ai.output.messages`, or `undefined` if they are not
 * recorded.
 */
export function messages(attributes: Fields, name: string): readonly Message[] | undefined {
  const list = json(attributes, name);
  return Array.isArray(list) ? list.map(messageOf) : undefined;
}

/** Returns the input of the model: separate system instructions, if any, and the messages. */
export function requestMessages(attributes: Fields): readonly Message[] | undefined {
  const instructions = json(attributes, ATTR_GEN_AI_SYSTEM_INSTRUCTIONS);
  const input = messages(attributes, ATTR_GEN_AI_INPUT_MESSAGES);
  if (!Array.isArray(instructions)) return input;
  return [messageOf({ role: 'system', parts: instructions }), ...(input ?? [])];
}

function messageOf(value: unknown): Message {
  const message = object(value);
  const parts = message?.['parts'];
  const finishReason = message?.['finish_reason'];
  return {
    role: asWord(message?.['role']) ?? 'unknown role',
    parts: Array.isArray(parts) ? parts.map(partOf) : [],
    finishReason: asWord(finishReason),
  };
}

function partOf(value: unknown): Part {
  const part = object(value) ?? { type: 'unknown', content: value };
  const type = asWord(part['type']) ?? 'unknown';
  if (type === 'tool_call') {
    return valuePart(type, titled('tool call', part['name'], part['id']), part['arguments']);
  }
  if (type === 'tool_call_response') {
    return valuePart(type, titled('tool result', part['id']), part['response'] ?? part['result']);
  }
  if ('content' in part) return { ...valuePart(type, type, part['content']), absent: cutOf(part) };
  return mediaPart(type, part);
}

/**
 * Formats the arguments or result of a tool. A string that contains JSON is shown as JSON. A long value was truncated
 * to a text part.
 */
function valuePart(type: string, title: string, value: unknown): Part {
  if (value === undefined) {
    return { type, title, content: '', absent: 'Nothing is recorded here.' };
  }
  const cut = object(value);
  if (cut?.['full_length'] !== undefined && typeof cut['content'] === 'string') {
    return { type, title, content: cut['content'], absent: cutOf(cut) };
  }
  if (typeof value !== 'string') {
    return { type, title, content: JSON.stringify(value, null, 2), absent: undefined };
  }
  const content = type.startsWith('tool_') ? laidOut(value) : value;
  return { type, title, content, absent: undefined };
}

/** The data of files and media is never recorded. */
function mediaPart(type: string, part: Readonly<Record<string, unknown>>): Part {
  const { size, uri, file_id: fileId, mime_type: mimeType, modality } = part;
  const facts = [mimeType ?? modality, typeof size === 'number' ? bytes(size) : undefined, uri, fileId];
  const content = facts.flatMap((fact) => asWord(fact) ?? []).join(', ');
  return { type, title: type, content, absent: 'The data are not recorded.' };
}

function cutOf(part: Readonly<Record<string, unknown>>): string | undefined {
  const { full_length: fullLength, content } = part;
  if (typeof fullLength !== 'number' || typeof content !== 'string') return undefined;
  return `Cut: the first ${count(content.length)} of ${count(fullLength)} characters are recorded.`;
}

function titled(what: string, ...details: readonly unknown[]): string {
  return [what, ...details.flatMap((detail) => asWord(detail) ?? [])].join(' ');
}

function asWord(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
