import { isSecretQueryName, queryName, REDACTED } from './names.js';
import { redactShapes } from './shapes.js';
import { redactText } from './text.js';
import { IN_URL, replaceUserInfo } from './user-info.js';

const ENCODED_BYTE = /%([0-9a-f]{2})/gi;

/** Never throws: where an escape is broken, each byte that is one by itself is a character. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(ENCODED_BYTE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}

/** Half a surrogate pair can't be encoded, and is what a decoder makes of it. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

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

export interface UrlRedactorOptions {
  /** Names of query parameters whose values are secret too, in any case and spelling (`api_key` is `apiKey`). */
  readonly query?: readonly string[];
}

const ENDS: ValueEnds = { raw: /[^&#]+/y, encoded: /(?:(?!%26|%23)[^&#])+/iy };

/** What the URL standard takes out of a URL before it reads it. */
const IGNORED = /[\t\n\r]+/g;

/** What a URL is made of: each segment, name and value is encoded by itself. */
const PART = /[^/?#&=;]+/g;

/**
 * Returns the function that takes the secrets out of a URL, absolute or a path with a query: user info goes,
 * the values of secret query parameters (also in the fragment, and in a URL inside a parameter) and well-known
 * shapes of keys anywhere become `[REDACTED]`, and what is percent-encoded passes as text, decoded; every other
 * byte stays. What no URL parser reads, and what
 * still has user info by its reading, is replaced whole.
 */
export function urlRedactor({ query = [] }: UrlRedactorOptions = {}): (url: string) => string {
  const own = new Set(query.map(queryName));
  const isSecret = (name: string) => own.has(name) || isSecretQueryName(name);
  return (url) => {
    const bare = replaceUserInfo(url.replace(IGNORED, ''), IN_URL, '');
    const redacted = redactEncoded(redactShapes(redactQuery(bare, ENDS, isSecret)));
    return isReadable(redacted) ? redacted : REDACTED;
  };
}

/** A password in a connection string that is the value of a parameter has no `@` behind it, but `%40`. */
function redactEncoded(url: string): string {
  if (!url.includes('%')) return url;
  return url.replace(PART, (part) => {
    const text = percentDecoded(part);
    const redacted = text === part ? text : redactText(text);
    return redacted === text
      ? part
      : percentEncoded(redacted).replaceAll(encodeURIComponent(REDACTED), REDACTED);
  });
}

/** Whether a URL parser reads it, and reads no user info: it takes `https:user@host` and `//user@host` as well. */
function isReadable(url: string): boolean {
  try {
    const { username, password } = new URL(url, 'http://localhost');
    return username === '' && password === '';
  } catch {
    return false;
  }
}
