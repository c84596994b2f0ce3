/** The name in front of an equals sign or a colon. */
export interface Name {
  readonly text: string;
  /** It stands in a query, raw or encoded. */
  readonly inQuery: boolean;
  /** Nothing stands between it and the sign. */
  readonly isTight: boolean;
}

const MAX_NAME = 96;
const MAX_SPACES = 2;
const SPACE = 32;
const BACKSLASH = 92;
/** The bits of what may be any letter. */
const ANY = -1;
/** A percent-encoded sign, or, in group 1, a separator. */
const ENCODED_END = /%(?:3d|(3f|26|23|3b))/iy;
const ENCODED_LENGTH = 3;
/** Behind a backslash: what is left of an escaped character, `&` among them. */
const ESCAPED = /^(?:[bfnrt]|u(0026)|u[0-9a-f]{4})/i;

/** By character code: a letter's bit, all bits for a `%`, which may begin any; 0 for what no name holds. */
const BITS = new Int32Array(256).map((_, code) => bitsOf(String.fromCharCode(code)));
const KEY = lettersOf('key');
const TOKEN = lettersOf('token');
const SECRET = lettersOf('secret');
const PASSW = lettersOf('passw');
const PWD = lettersOf('pwd');
const CREDENTIAL = lettersOf('credential');
const AUTHORIZATION = lettersOf('authorization');

/**
 * The name before the sign, if it can be that of a secret; looks back no further than 100 characters. Nearly
 * every name in a text is none and lacks a letter, which is told while its beginning is looked for.
 */
export function nameBefore(text: string, signAt: number): Name | undefined {
  let end = signAt;
  while (signAt - end < MAX_SPACES && text.charCodeAt(end - 1) === SPACE) end -= 1;
  if (isQuote(text.charCodeAt(end - 1))) end -= text.charCodeAt(end - 2) === BACKSLASH ? 2 : 1;
  let begin = end;
  let letters = 0;
  for (const first = Math.max(0, end - MAX_NAME); begin > first; begin -= 1) {
    const code = text.charCodeAt(begin - 1);
    const bits = code < 256 ? BITS[code] : 0;
    if (!bits) break;
    letters |= bits;
    if (bits === ANY) {
      const encoded = encodedEndAt(text, begin - 1);
      if (encoded !== undefined) return nameIn(text, begin - 1 + ENCODED_LENGTH, end, signAt, encoded);
    }
  }
  const before = begin === 0 ? 0 : text.charCodeAt(begin - 1);
  if (!maybeSecret(letters) && !isQuerySeparator(before) && before !== BACKSLASH) return undefined;
  return nameIn(text, begin, end, signAt, 'none');
}

type EncodedEnd = 'none' | 'sign' | 'separator';

function encodedEndAt(text: string, at: number): EncodedEnd | undefined {
  ENCODED_END.lastIndex = at;
  const match = ENCODED_END.exec(text);
  if (match === null) return undefined;
  return match[1] === undefined ? 'sign' : 'separator';
}

function nameIn(
  text: string,
  begin: number,
  end: number,
  signAt: number,
  encoded: EncodedEnd,
): Name | undefined {
  const before = text.charCodeAt(begin - 1);
  const escaped = before === BACKSLASH ? ESCAPED.exec(text.slice(begin, begin + 5)) : null;
  const name = text.slice(begin + (escaped?.[0].length ?? 0), end);
  const inQuery = encoded === 'separator' || isQuerySeparator(before) || escaped?.[1] !== undefined;
  return name === '' ? undefined : { text: name, inQuery, isTight: end === signAt };
}

/** Whether the letters of a word that makes a name secret anywhere are among these (`isSecretAnywhere`, tokens). */
function maybeSecret(letters: number): boolean {
  return (
    (letters & KEY) === KEY ||
    (letters & TOKEN) === TOKEN ||
    (letters & SECRET) === SECRET ||
    (letters & PASSW) === PASSW ||
    (letters & PWD) === PWD ||
    (letters & CREDENTIAL) === CREDENTIAL ||
    (letters & AUTHORIZATION) === AUTHORIZATION
  );
}

/** `?`, `&`, `#`, `;` */
function isQuerySeparator(code: number): boolean {
  return code === 38 || code === 63 || code === 35 || code === 59;
}

/** `"`, `'`, backtick */
function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}

function lettersOf(word: string): number {
  return [...word].reduce((letters, letter) => letters | bitsOf(letter), 0);
}

function bitsOf(character: string): number {
  if (/[a-z]/i.test(character)) return 1 << (character.charCodeAt(0) & 31);
  if (character === '%') return ANY;
  return /[?&#;:=,'"`({<>\\\s]/.test(character) ? 0 : 1;
}
