import { base64Note, redactDataUrls } from '../../redact/media.js';
import { boundedValue } from '../facts/bounded-value.js';

/** Nothing that a model is told or tells is nested deeper. */
const MAX_DEPTH = 64;

/**
 * A copy of a value as it is now, as JSON would have it, with the size in the place of the content of files:
 * who made the value may change it afterwards. `undefined` for what can't be JSON.
 */
export function plainCopy(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return base64Note(value, false) ?? redactDataUrls(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (depth === MAX_DEPTH) return undefined;
  if (ArrayBuffer.isView(value)) return `[binary, ${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => plainCopy(item, depth + 1));
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return plainCopy(Reflect.apply(toJSON, value, ['']), depth + 1);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, plainCopy(member, depth + 1)]),
  );
}

/** What a tool is given or gives back: the copy where it is short, else the beginning of it as a text. */
export function boundedCopy(value: unknown): unknown {
  return boundedValue(plainCopy(value));
}
