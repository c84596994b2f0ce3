import { type MessagePart, TEXT_LENGTH, textPart } from '../content.js';
import { jsonText } from '../json/json.js';
import { apart } from './apart.js';
import { asLabel } from './label.js';

/**
 * What a tool was given or gave back. Where its JSON is longer than `TEXT_LENGTH`, the beginning of that as a text
 * part; `undefined` where it is nested too deeply to be JSON again.
 */
export function boundedValue(value: unknown): unknown {
  const text = typeof value === 'string' ? value : jsonText(value);
  if (text === undefined) return undefined;
  return text.length <= TEXT_LENGTH ? value : cutText(text, text.length);
}

/** The beginning of a text that is longer than `TEXT_LENGTH`. */
export function cutText(text: string, fullLength: number): MessagePart {
  const part = textPart('text', text);
  return { ...part, content: apart(part.content), full_length: fullLength };
}

/** A part that is not read: its type, and its size in bytes of JSON. */
export function unreadPart(type: unknown, value: unknown): MessagePart {
  const text = jsonText(value);
  const name = asLabel(type) ?? 'unknown';
  return text === undefined ? { type: name } : { type: name, size: Buffer.byteLength(text) };
}
