import type { AttributeValue } from '@opentelemetry/api';
import { TRUNCATED } from '../attempt/body/text.js';
import { valueBytes } from './attribute-bytes.js';

const encoder = new TextEncoder();

/**
 * The beginning of a value that is longer than `maxBytes`: a text to a whole character, with the mark of a body that
 * was cut; of a list the first items. `undefined` where there is no room for that, and of a number.
 */
export function shortenedValue(value: AttributeValue, maxBytes: number): AttributeValue | undefined {
  if (typeof value === 'string') return shortenedText(value, maxBytes);
  if (!Array.isArray(value)) return undefined;
  const items: unknown[] = [];
  let room = maxBytes;
  for (const item of value) {
    const isWhole = valueBytes(item) <= room;
    const kept = isWhole || typeof item !== 'string' ? item : shortenedText(item, room);
    room -= valueBytes(kept);
    if (room < 0 || kept === undefined) break;
    items.push(kept);
    if (!isWhole) break;
  }
  return items.length === 0 ? undefined : (items as string[]);
}

function shortenedText(text: string, maxBytes: number): string | undefined {
  if (maxBytes < TRUNCATED.length) return undefined;
  const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes - TRUNCATED.length));
  return text.slice(0, read) + TRUNCATED;
}
