import { parsed } from './json.js';

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /[-+.\deE]*/y;
const LITERALS = ['true', 'false', 'null'];

/** Where a token ends that goes on behind the end of the text. */
const CUT = Number.POSITIVE_INFINITY;

/**
 * Like `JSON.parse` for a text that is whole. Of one that was cut, the value as far as it is whole: the string,
 * number, literal or member that the cut went through is left out, and the lists and objects that were open are
 * closed. A number at the very end is left out too, since it may have had more digits. `undefined` where nothing
 * is whole, or what would be is no JSON.
 */
export function parseJsonPrefix(text: string): unknown {
  const whole = parsed(text);
  return whole === undefined ? parsed(closed(text)) : whole;
}

/** As much of the text as can be made whole by closing its lists and objects, with these closed. */
function closed(text: string): string {
  const closers: string[] = [];
  /** Behind the last whole value, or the last bracket. */
  let end = 0;
  let before = '';
  let at = behind(SPACE, text, 0);
  while (at < text.length) {
    const char = text.charAt(at);
    let next = at + 1;
    if (char === '{' || char === '[') closers.push(char === '{' ? '}' : ']');
    else if (char === '}' || char === ']') closers.pop();
    else if (char !== ',' && char !== ':') next = behindScalar(text, at);
    if (next === at) return '';
    if (next === CUT) break;
    const isKey = char === '"' && closers.at(-1) === '}' && before !== ':';
    if (char !== ',' && char !== ':' && !isKey) end = next;
    before = char;
    at = behind(SPACE, text, next);
  }
  // Nothing is open where the text is one scalar, or has more than a whole value.
  return closers.length === 0 ? '' : text.slice(0, end) + closers.reverse().join('');
}

/** Behind the string, number or literal that begins here, or where it begins if it is none of them. */
function behindScalar(text: string, at: number): number {
  if (text.charAt(at) === '"') return behindString(text, at);
  const rest = text.slice(at, at + 'false'.length);
  for (const literal of LITERALS) {
    if (rest.startsWith(literal)) return at + literal.length;
    if (literal.startsWith(rest)) return CUT;
  }
  const next = behind(NUMBER, text, at);
  return next === text.length ? CUT : next;
}

function behindString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let escapes = quote;
    while (text.charAt(escapes - 1) === '\\') escapes--;
    if ((quote - escapes) % 2 === 0) return quote + 1;
  }
  return CUT;
}

/** @param pattern sticky, and matches nothing at least */
function behind(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.test(text);
  return pattern.lastIndex;
}
