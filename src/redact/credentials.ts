import { Edits, type Kind, REDACTED, redactAround, type Secret } from './replacements.js';

/** User info in the authority of a well-formed URL, and with a raw `/`, `?` or `#` in the password. */
interface UserInfoForms {
  readonly authority: RegExp;
  readonly loose: RegExp;
}

/** For a string that is a URL. A number after the colon is a port, and a later `@` belongs to the path. */
export const IN_URL: UserInfoForms = {
  authority: /^[^/?#\\]*@/,
  loose: /^[^/?#:@[]*:(?!\d{0,5}(?:[^\w%]|$))[\s\S]*@/,
};

/** For a URL within a text, which ends at white space and quotes. */
const IN_TEXT: UserInfoForms = {
  authority: /^[^\s"<>`/?#\\]*@/,
  loose: /^[^\s"<>`/?#:@[]*:(?!\d{0,5}(?:[^\w%]|$))[^\s"<>`]*@/,
};

/** For a percent-encoded URL, such as a connection string in a parameter of another URL. */
const ENCODED: UserInfoForms = {
  authority: /^(?:(?!%2f|%3f|%23|%5c)[^\s"<>`/?#\\&])*%40/i,
  loose:
    /^(?:(?!%2f|%3f|%23|%3a|%40|%5b)[^\s"<>`/?#:@[&])*%3a(?!\d{0,5}(?:%2f|%3f|%23|[^\w%]|$))[^\s"<>`&]*%40/i,
};
const ENCODED_SCHEME_END = /(%3a%2f%2f)/i;

/**
 * Replaces the user info and the `@` of every `scheme://user:password@host` in a text; of percent-encoded ones only the
 * part before the `%40`. Returns the same text if there are no credentials.
 */
export function replaceUserInfo(text: string, forms: UserInfoForms, replacement: string): string {
  return replaceRaw(replaceEncoded(text), forms, replacement);
}

function replaceEncoded(text: string): string {
  if (!text.includes('%40')) return text;
  const [scheme = '', ...locations] = text.split(ENCODED_SCHEME_END);
  const replacement = `${REDACTED}%40`;
  const replaced = locations.map((location, index) =>
    index % 2 === 0
      ? location
      : location.replace(ENCODED.authority, replacement).replace(ENCODED.loose, replacement),
  );
  return [scheme, ...replaced].join('');
}

function replaceRaw(text: string, forms: UserInfoForms, replacement: string): string {
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
const URL_END: ReadonlySet<number> = new Set([...' \t\n\v\f\r"<>`'].map((end) => end.charCodeAt(0)));

export const USER_INFO: readonly Kind[] = [
  { mark: '%40', isSuspect: () => true, redact: replaceEncoded },
  { mark: '@', isSuspect: isBehindScheme, redact: (text) => replaceRaw(text, IN_TEXT, `${REDACTED}@`) },
];

/** Whether a `://` precedes the `@`, without the end of a URL or another `@` between them. */
function isBehindScheme(text: string, at: number): boolean {
  for (let begin = at - 1; begin >= 0; begin -= 1) {
    const code = text.charCodeAt(begin);
    if (code === SLASH && text.startsWith('://', begin - 2)) return true;
    if (code === AT || URL_END.has(code)) return false;
  }
  return false;
}

/** `Headers.append: "Bearer …" is an invalid header value` of `fetch`, perhaps in JSON in a string. */
const FETCH_OPEN = /Headers[.\w ]{0,20}: \\{0,16}"/y;
const FETCH_CLOSE = ' is an invalid header value';
const FETCH_CLOSING_QUOTE = /\\{0,16}"$/;
/** `Bearer … is not a legal HTTP header value` of node-fetch. */
const NODE_FETCH_CLOSE = ' is not a legal HTTP header value';
/** `Header 'authorization' has invalid value: 'Bearer …'` of Bun. */
const BUN_OPEN = /Header '[^'\r\n]{1,100}' has invalid value: '/y;

/**
 * A header value that a client rejects and quotes in its error, such as one with a line break. The error does not name
 * the header, and the line break hides the shape of a key.
 */
export const REFUSED_HEADERS: Kind = {
  mark: 'H',
  isSuspect: (text, at) =>
    text.startsWith('Headers', at) ||
    text.startsWith('HTTP header value', at) ||
    text.startsWith("Header '", at),
  redact: (text) => redactNodeFetch(redactFetch(redactAround(text, 'Header ', bunValueAt))),
};

function redactFetch(text: string): string {
  const edits = new Edits(text);
  let close = -1;
  for (let at = text.indexOf('Headers'); at >= 0; at = text.indexOf('Headers', at)) {
    FETCH_OPEN.lastIndex = at;
    const begin = FETCH_OPEN.test(text) ? FETCH_OPEN.lastIndex : -1;
    at += 1;
    if (begin < 0) continue;
    if (close < begin) close = foundOrEnd(text, FETCH_CLOSE, begin);
    // The text is truncated within the value.
    if (close === text.length) {
      if (!text.includes('"', begin)) edits.replace(begin, close, REDACTED);
      break;
    }
    FETCH_OPEN.lastIndex = text.lastIndexOf('Headers', close);
    if (FETCH_OPEN.lastIndex >= begin && FETCH_OPEN.test(text)) continue;
    const quote = FETCH_CLOSING_QUOTE.exec(text.slice(Math.max(begin, close - 17), close));
    if (quote === null) continue;
    edits.replace(begin, close - quote[0].length, REDACTED);
    at = close;
  }
  return edits.applied();
}

function redactNodeFetch(text: string): string {
  const edits = new Edits(text);
  let from = 0;
  for (let close = text.indexOf(NODE_FETCH_CLOSE); close >= 0; close = text.indexOf(NODE_FETCH_CLOSE, from)) {
    const before = text.slice(from, close).lastIndexOf('Error: ');
    edits.replace(before < 0 ? from : from + before + 'Error: '.length, close, REDACTED);
    from = close + NODE_FETCH_CLOSE.length;
  }
  return edits.applied();
}

function bunValueAt(text: string, at: number): Secret | undefined {
  BUN_OPEN.lastIndex = at;
  if (!BUN_OPEN.test(text)) return undefined;
  return { begin: BUN_OPEN.lastIndex, end: foundOrEnd(text, "'", BUN_OPEN.lastIndex) };
}

function foundOrEnd(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from);
  return found < 0 ? text.length : found;
}
