import { queryName, REDACTED } from './names.js';

/**
 * `name=` behind anything that can stand before it: the separators of a query, raw, percent-encoded (a URL
 * inside a URL) or escaped in JSON, and, for prose and connection strings, the start of a word.
 */
const NAME = /(^|[?&#;\s,"'({]|%3f|%26|%23|%3b|\\u0026)([^?&#;=\s,"'({]{1,96}?)(=|%3d)/gi;

const ENCODED_EQUALS = /%3d/i;

const QUERY_SEPARATOR = /^[?&#;%\\]/;

/** Where the values of a text end: `raw` behind `=`, `encoded` behind `%3D`. Both sticky, neither matches nothing. */
export interface ValueEnds {
  readonly raw: RegExp;
  readonly encoded: RegExp;
}

/**
 * Replaces the values of secret parameters by `[REDACTED]`; names and everything else stay byte for byte.
 * `isSecret` is asked with the name in the form of `queryName`, and whether it stands in a query or in prose.
 */
export function redactQuery(
  text: string,
  ends: ValueEnds,
  isSecret: (name: string, inQuery: boolean) => boolean,
): string {
  if (!text.includes('=') && !ENCODED_EQUALS.test(text)) return text;
  let result = '';
  let copied = 0;
  NAME.lastIndex = 0;
  for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
    const [found, separator = '', name = '', equals] = match;
    const value = equals === '=' ? ends.raw : ends.encoded;
    value.lastIndex = match.index + found.length;
    if (isSecret(queryName(name), QUERY_SEPARATOR.test(separator)) && value.test(text)) {
      result += text.slice(copied, match.index + found.length) + REDACTED;
      copied = value.lastIndex;
      NAME.lastIndex = copied;
    } else {
      // A name may hold an encoded separator with the name that matters behind it.
      NAME.lastIndex = match.index + Math.max(separator.length, 1);
    }
  }
  return copied === 0 ? text : result + text.slice(copied);
}
