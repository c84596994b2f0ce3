import { jsonText } from './json.js';

const BRACKETS = '[]'.length;
const COMMA = ','.length;
/** So many elements are first written together. */
const MOST_AT_ONCE = 32;
/** Of a UTF-16 unit in UTF-8. */
const MOST_BYTES = 3;

/**
 * A list as JSON of at most `maxBytes` bytes of UTF-8, 2 at least: its first element, and as many of the last as
 * fit. Those between are left out, and those that can't be JSON or would not fit alone. Written from the end, so
 * that of what is left out between no more than one is written in vain.
 *
 * @returns `leftOut`: how many elements were left out
 */
export function boundedJson(
  list: readonly unknown[],
  maxBytes: number,
): { readonly json: string; readonly leftOut: number } {
  const whole = list.length <= MOST_AT_ONCE && list.every(isPlainObject) ? jsonText(list) : undefined;
  // Nearly always there is room to spare, which is seen without a look at the characters.
  if (whole !== undefined && MOST_BYTES * whole.length <= maxBytes) return { json: whole, leftOut: 0 };
  const capacity = maxBytes - BRACKETS;
  let room = capacity;
  const last: string[] = [];
  const first = jsonWithin(list[0], capacity);
  if (first !== undefined) room -= Buffer.byteLength(first) + COMMA;
  for (let index = list.length - 1; index > 0; index--) {
    const text = jsonWithin(list[index], capacity);
    if (text === undefined) continue;
    const size = Buffer.byteLength(text);
    if (size > room) break;
    room -= size + COMMA;
    last.push(text);
  }
  const kept = first === undefined ? last.reverse() : [first, ...last.reverse()];
  return { json: `[${kept.join(',')}]`, leftOut: list.length - kept.length };
}

/** Not left out of a list that is written as a whole, nor anything else than by itself. */
function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !('toJSON' in value);
}

/** `undefined` for what can't be JSON or is longer. */
function jsonWithin(value: unknown, maxBytes: number): string | undefined {
  const text = jsonText(value);
  return text === undefined || Buffer.byteLength(text) > maxBytes ? undefined : text;
}
