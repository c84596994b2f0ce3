import { redactText } from '../redact/text.js';
import { bounded } from './bounded.js';

/** White space makes a text longer than its line; more than that is not looked through for the end of one. */
const FOLDED = 8;

/** Text that may be shown: without secrets, white space folded, on one line of at most `max` characters. */
export function clean(text: string, max: number): string {
  const line = redactText(bounded(text))
    .slice(0, FOLDED * max)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (line.length <= max) return line;
  const cut = line.slice(0, max);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

export const MAX_ID = 128;

/** An identifier the provider or the runtime gave, as it is; anything else is none. */
export function identifier(text: unknown, max: number): string | undefined {
  const isOne = typeof text === 'string' && text.length <= max && /^[\w$.:/=+-]+$/.test(text);
  return isOne && redactText(text) === text ? text : undefined;
}

/** Ids and keys have many digits; the names that errors go by have few. */
const MAX_DIGITS = 4;

/** The name or code of a sort of error: an identifier that is not one error's own. */
export function errorName(text: unknown): string | undefined {
  const name = identifier(text, 100);
  return (name?.match(/\d/g)?.length ?? 0) > MAX_DIGITS ? undefined : name;
}
