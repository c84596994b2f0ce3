import { Strings } from './json-tokens.js';

/** Control characters are the ones that do not lie in this range. */
const CONTROL = /[^ -\uffff]/g;

/** @param quoted a string of JSON that has been read, its quotation marks included */
export function decoded(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted);
  } catch {
    return JSON.parse(quoted.replace(CONTROL, (character) => JSON.stringify(character).slice(1, -1)));
  }
}

/** The content of a string without the escape in the middle of which it ends: five characters at most. */
export function wholeEscapes(raw: string): string {
  for (let dropped = 0; dropped < 6; dropped++) {
    const whole = raw.slice(0, raw.length - dropped);
    if (new Strings(`${whole}"`).end(0) === whole.length) return whole;
  }
  return '';
}

/** How long the first `units` code units of a string are in its escaped form. */
export function encodedLength(raw: string, units: number): number {
  let at = 0;
  for (let left = units; left > 0; left--) {
    at += raw.charAt(at) !== '\\' ? 1 : raw.charAt(at + 1) === 'u' ? 6 : 2;
  }
  return at;
}
