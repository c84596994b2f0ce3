import { asText, parsed } from './json.js';

/** How far into a body is looked, in bytes: clients write `model` near the beginning, or behind all messages. */
export const HEAD_BYTES = 1_024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const MODEL = Buffer.from('"model"');
/** What JSON does not let stand in a string as it is, or stands for something else. */
const NOT_AS_IT_IS = /[\\\p{Cc}]/u;

/**
 * The top-level member `model` of a JSON object, read off the first bytes of the object's text; nothing is
 * parsed or allocated for it. `undefined` where it is absent, is no string, or lies beyond `HEAD_BYTES` or the
 * bytes given, were it by its last quotation mark. A key written with escapes is not recognised.
 */
export function modelIn(bytes: Uint8Array): string | undefined {
  const end = Math.min(bytes.length, HEAD_BYTES);
  let at = skipSpace(bytes, 0, end);
  if (bytes[at] !== OPEN_OBJECT) return undefined;
  let depth = 0;
  while (at < end) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const behind = skipString(bytes, at, end);
      const next = skipSpace(bytes, behind, end);
      // Only a key has a colon behind it.
      if (depth === 1 && bytes[next] === COLON && isModel(bytes, at, behind)) {
        return stringAt(bytes, skipSpace(bytes, next + 1, end), end);
      }
      at = next;
      continue;
    }
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
    else if ((byte === CLOSE_OBJECT || byte === CLOSE_LIST) && --depth === 0) return undefined;
    at++;
  }
  return undefined;
}

function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(bytes[at])) at++;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Takes where a string begins; behind its closing quotation mark, or behind `end` where that is missing. */
function skipString(bytes: Uint8Array, from: number, end: number): number {
  let at = from + 1;
  while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

function isModel(bytes: Uint8Array, from: number, behind: number): boolean {
  if (behind - from !== MODEL.length) return false;
  for (let index = 0; index < MODEL.length; index += 1)
    if (bytes[from + index] !== MODEL[index]) return false;
  return true;
}

function stringAt(bytes: Uint8Array, from: number, end: number): string | undefined {
  if (bytes[from] !== QUOTE) return undefined;
  const behind = skipString(bytes, from, end);
  if (behind > end) return undefined;
  const { buffer, byteOffset } = bytes;
  const string = Buffer.from(buffer, byteOffset + from, behind - from).toString();
  return NOT_AS_IT_IS.test(string) ? asText(parsed(string)) : string.slice(1, -1);
}
