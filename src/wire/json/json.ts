import { detachedCopy } from '../../memoize.js';
import { cut } from '../content.js';

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /[-+.\deE]*/y;
const LITERALS = ['true', 'false', 'null'];

/** The end of a token that is truncated by the end of the text. */
const TRUNCATED = Number.POSITIVE_INFINITY;

/**
 * Parses JSON that may be truncated. Omits the truncated string, number, literal or member and closes open arrays and
 * objects. Also omits a number at the very end, which may have had more digits. Returns `undefined` if nothing is
 * complete or the text is not JSON.
 */
export function parseJsonPrefix(text: string): unknown {
  const whole = parsed(text);
  return whole === undefined ? parsed(closeBrackets(text)) : whole;
}

/** Returns the longest prefix of the text that is valid after closing its arrays and objects. */
function closeBrackets(text: string): string {
  const closers: string[] = [];
  /** The index after the last complete value or bracket. */
  let end = 0;
  let before = '';
  let at = endOfMatch(SPACE, text, 0);
  while (at < text.length) {
    const char = text.charAt(at);
    let next = at + 1;
    if (char === '{' || char === '[') closers.push(char === '{' ? '}' : ']');
    else if (char === '}' || char === ']') closers.pop();
    else if (char !== ',' && char !== ':') next = endOfScalar(text, at);
    if (next === at) return '';
    if (next === TRUNCATED) break;
    const isKey = char === '"' && closers.at(-1) === '}' && before !== ':';
    if (char !== ',' && char !== ':' && !isKey) end = next;
    before = char;
    at = endOfMatch(SPACE, text, next);
  }
  // Nothing is open: the text is one scalar, or more than one value.
  return closers.length === 0 ? '' : text.slice(0, end) + closers.reverse().join('');
}

/** Returns the index after the scalar at `at`, or `at` if no scalar begins there. */
function endOfScalar(text: string, at: number): number {
  if (text.charAt(at) === '"') return endOfString(text, at);
  const rest = text.slice(at, at + 'false'.length);
  for (const literal of LITERALS) {
    if (rest.startsWith(literal)) return at + literal.length;
    if (literal.startsWith(rest)) return TRUNCATED;
  }
  const next = endOfMatch(NUMBER, text, at);
  return next === text.length ? TRUNCATED : next;
}

function endOfString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let escapes = quote;
    while (text.charAt(escapes - 1) === '\\') escapes--;
    if ((quote - escapes) % 2 === 0) return quote + 1;
  }
  return TRUNCATED;
}

/** @param pattern a sticky pattern that also matches the empty string */
function endOfMatch(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.test(text);
  return pattern.lastIndex;
}

/** The maximum length of an identifier, in UTF-16 code units. */
const LABEL_LENGTH = 1_000;

/** Returns a name, id, type or reason, truncated to `LABEL_LENGTH`. */
export function asLabel(value: unknown): string | undefined {
  const text = asText(value);
  return text === undefined || text.length <= LABEL_LENGTH ? text : detachedCopy(cut(text, LABEL_LENGTH));
}

export type JsonObject = { readonly [name: string]: unknown };

/** The `as…` functions return a value of the requested type, else `undefined` or an empty list. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Returns a non-negative integer, such as a token count. */
export function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns `undefined` if the value cannot be serialized or is nested too deeply. */
export function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
