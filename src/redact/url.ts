import { memoize } from '../memoize.js';
import { IN_URL, replaceUserInfo } from './credentials.js';
import { isSecretHeader, isSecretQueryName, queryName } from './names.js';
import { REDACTED } from './replacements.js';
import { redactShapes } from './shapes.js';
import { redactText } from './text.js';

const ENCODED_BYTE = /%([0-9a-f]{2})/gi;

/** Never throws: in a text with an invalid escape, each encoded byte becomes a character. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(ENCODED_BYTE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}

export function percentEncoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

/**
 * `name=` after the separators of a query, raw, percent-encoded (a URL in a URL) or escaped in JSON, and, for prose and
 * connection strings, at the start of a word.
 */
const NAME = /(^|[?&#;\s,"'({]|%3f|%26|%23|%3b|\\u0026)([^?&#;=\s,"'({]{1,96}?)(=|%3d)/gi;

const ENCODED_EQUALS = /%3d/i;

const QUERY_SEPARATOR = /^[?&#;%\\]/;

interface ValueEnds {
  readonly raw: RegExp;
  readonly encoded: RegExp;
}

/**
 * Replaces the values of secret parameters by `[REDACTED]`; everything else stays unchanged. `isSecret` receives the
 * name in the form of `queryName`, and whether it is in a query or in prose.
 */
function redactQuery(
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
      NAME.lastIndex = match.index + Math.max(separator.length, 1);
    }
  }
  return copied === 0 ? text : result + text.slice(copied);
}

export interface UrlRedactorOptions {
  /** Additional names of query parameters with secret values, in any case and spelling (`api_key` is `apiKey`). */
  readonly query?: readonly string[];
}

const ENDS: ValueEnds = { raw: /[^&#]+/y, encoded: /(?:(?!%26|%23)[^&#])+/iy };

const IGNORED = /[\t\n\r]+/g;

const PART = /[^/?#&=;]+/g;

/**
 * Returns the function that redacts a URL, absolute or a path with a query. User info is removed. The values of secret
 * query parameters (also in the fragment, and in a URL in a parameter) and keys of known shapes become `[REDACTED]`.
 * Percent-encoded parts are redacted as text. A URL that cannot be parsed, or still has user info, is replaced as a
 * whole.
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

/** Whether a URL parser accepts it and finds no user info, unlike `https:user@host` and `//user@host`. */
function isReadable(url: string): boolean {
  try {
    const { username, password } = new URL(url, 'http://localhost');
    return username === '' && password === '';
  } catch {
    return false;
  }
}

export interface HeaderRedactorOptions {
  /** Additional names of secret headers, in any case. */
  readonly headers?: readonly string[];
  /** Names of headers that are not secret, in any case. Takes precedence. */
  readonly except?: readonly string[];
}

/** Headers whose value is one URL; `link` contains several, in a text. */
const URL_HEADERS: ReadonlySet<string> = new Set(['location', 'content-location', 'referer', 'origin']);

/**
 * Returns the function that redacts the value of a header, by its name in lower case. Secret headers, known ones and
 * those of the options, become `[REDACTED]`; others are redacted as a URL or a text.
 */
export function headerRedactor({
  headers = [],
  except = [],
}: HeaderRedactorOptions = {}): (lowerCaseName: string, value: string) => string {
  const own = namesIn(headers);
  const safe = namesIn(except);
  const redactUrl = urlRedactor();
  const isSecret = memoize((name) => !safe.has(name) && (own.has(name) || isSecretHeader(name)));
  return (name, value) => {
    if (isSecret(name)) return REDACTED;
    return URL_HEADERS.has(name) ? redactUrl(value) : redactText(value);
  };
}

function namesIn(list: readonly string[]): ReadonlySet<string> {
  return new Set(list.map((name) => name.trim().toLowerCase()));
}
