import type { Kind } from './marked.js';
import { REDACTED } from './names.js';

/** What ends the user info: in the authority of a well-formed URL, and where a password has a raw `/`, `?` or `#`. */
export interface UserInfoForms {
  readonly authority: RegExp;
  readonly loose: RegExp;
}

/** For a string that is a URL. A number behind the colon is a port, and the `@` further on part of the path. */
export const IN_URL: UserInfoForms = {
  authority: /^[^/?#\\]*@/,
  loose: /^[^/?#:@[]*:(?!\d{0,5}(?:[^\w%]|$))[\s\S]*@/,
};

/** For a URL inside a text, which white space and quotes end. */
const IN_TEXT: UserInfoForms = {
  authority: /^[^\s"<>`/?#\\]*@/,
  loose: /^[^\s"<>`/?#:@[]*:(?!\d{0,5}(?:[^\w%]|$))[^\s"<>`]*@/,
};

/** For a URL that is percent-encoded, as a connection string in a parameter of another URL is. */
const ENCODED: UserInfoForms = {
  authority: /^(?:(?!%2f|%3f|%23|%5c)[^\s"<>`/?#\\&])*%40/i,
  loose:
    /^(?:(?!%2f|%3f|%23|%3a|%40|%5b)[^\s"<>`/?#:@[&])*%3a(?!\d{0,5}(?:%2f|%3f|%23|[^\w%]|$))[^\s"<>`&]*%40/i,
};
const ENCODED_SCHEME_END = /(%3a%2f%2f)/i;

/**
 * Replaces the user info of every `scheme://user:password@host` in a text, the `@` with it; schemes of
 * connection strings are no different, and percent-encoded ones lose only what stands in front of the `%40`. Byte
 * for byte the same where there is none.
 */
export function replaceUserInfo(text: string, forms: UserInfoForms, replacement: string): string {
  return replaceRaw(text.includes('%40') ? replaceEncoded(text) : text, forms, replacement);
}

function replaceEncoded(text: string): string {
  const [scheme = '', ...locations] = text.split(ENCODED_SCHEME_END);
  const replacement = `${REDACTED}%40`;
  // Every other one is what was split at.
  const replaced = locations.map((location, index) =>
    index % 2 === 0
      ? location
      : location.replace(ENCODED.authority, replacement).replace(ENCODED.loose, replacement),
  );
  return [scheme, ...replaced].join('');
}

function replaceRaw(text: string, forms: UserInfoForms, replacement: string): string {
  // The rarer of the two first.
  if (!text.includes('@') || !text.includes('://')) return text;
  const [scheme = '', ...locations] = text.split('://');
  let isSame = true;
  const replaced = locations.map((location) => {
    if (!location.includes('@')) return location;
    const bare = location.replace(forms.authority, '').replace(forms.loose, '');
    if (bare === location) return location;
    isSame = false;
    return replacement + bare;
  });
  return isSame ? text : [scheme, ...replaced].join('://');
}

const AT = 0x40;
const SLASH = 0x2f;
/** White space and what else URLs in texts end at, by character code. */
const URL_END: ReadonlySet<number> = new Set([...' \t\n\v\f\r"<>`'].map((end) => end.charCodeAt(0)));

/** That of URLs in texts, percent-encoded ones first. */
export const USER_INFO: readonly Kind[] = [
  { mark: '%40', isSuspect: () => true, redact: replaceEncoded },
  { mark: '@', isSuspect: isBehindScheme, redact: (text) => replaceRaw(text, IN_TEXT, `${REDACTED}@`) },
];

/** Whether a `://` stands before the `@`, and nothing between them that a URL ends at, nor another `@`. */
function isBehindScheme(text: string, at: number): boolean {
  for (let begin = at - 1; begin >= 0; begin -= 1) {
    const code = text.charCodeAt(begin);
    if (code === SLASH && text.startsWith('://', begin - 2)) return true;
    if (code === AT || URL_END.has(code)) return false;
  }
  return false;
}
