import { isSecretQueryName, queryName, REDACTED } from './names.js';
import { percentDecoded, percentEncoded } from './percent.js';
import { redactQuery, type ValueEnds } from './query.js';
import { redactShapes } from './shapes.js';
import { redactText } from './text.js';
import { IN_URL, replaceUserInfo } from './user-info.js';

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
