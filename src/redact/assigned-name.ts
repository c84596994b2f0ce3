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
const PERCENT = 37;
const BACKSLASH = 92;
/** The bits of what may be any letter. */
const ANY = -1;
/** A percent-encoded sign, or, in group 1, a separator. */
const ENCODED_END = /%(?:3d|(3f|26|23|3b))/iy;
const ENCODED_LENGTH = 3;
/** Behind a backslash: what is left of an escaped character, `&` among them. */
const ESCAPED = /^(?:[bfnrt]|u(0026)|u[0-9a-f]{4})/i;

/** By character code: a letter's bit, all bits for a `%`, which may begin any; 0 for what no name holds. */
const BITS = new Int32Array(128).map((_, code) => bitsOf(String.fromCharCode(code)));
/** The letters of one of these words are in every name that is secret anywhere, as `isSecretAnywhere` and tokens are. */
const ANYWHERE = lettersOf(
  'token secret passw pwd credential authorization apikey accesskey accountkey privatekey',
);
/** One of these is in each of them, and in few other names. */
const [RARE = ANY] = lettersOf('kwcz');
/** As `ANYWHERE`, in a query. */
const IN_QUERY = lettersOf(
  'token secret pwd credential key code sig auth bearer jwt assertion pass sessionid',
);

/**
 * The name before the sign, if it can be that of a secret; looks back no further than 100 characters. Nearly
 * every name in a text is none and lacks a letter, which is told while its beginning is looked for.
 *
 * @param backslashes how many may stand before a quotation mark behind the name
 */
export function nameBefore(text: string, signAt: number, backslashes: number): Name | undefined {
  let end = signAt;
  let before = text.charCodeAt(end - 1);
  for (; before === SPACE && signAt - end < MAX_SPACES; before = text.charCodeAt(end - 1)) end -= 1;
  if (isQuote(before)) {
    end -= 1;
    for (const first = end - backslashes; end > first && text.charCodeAt(end - 1) === BACKSLASH; ) end -= 1;
    before = text.charCodeAt(end - 1);
  }
  let begin = end;
  let letters = 0;
  for (const first = Math.max(0, end - MAX_NAME); begin > first; before = text.charCodeAt(begin - 1)) {
    const bits = before < 128 ? BITS[before] : 0;
    if (!bits) break;
    letters |= bits;
    begin -= 1;
  }
  if (letters === ANY) {
    for (let at = end - ENCODED_LENGTH; at >= begin; at -= 1) {
      const encoded = text.charCodeAt(at) === PERCENT ? encodedEndAt(text, at) : undefined;
      if (encoded !== undefined) return nameIn(text, at + ENCODED_LENGTH, end, signAt, encoded);
    }
  }
  const inQuery = isQuerySeparator(before) || (before === BACKSLASH && /u/i.test(text.charAt(begin)));
  if (inQuery ? !holdsAny(letters, IN_QUERY) : (letters & RARE) === 0 || !holdsAny(letters, ANYWHERE)) {
    return undefined;
  }
  return nameIn(text, begin, end, signAt, 'none');
}

function holdsAny(letters: number, words: readonly number[]): boolean {
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ANY;
    if ((letters & word) === word) return true;
  }
  return false;
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

/** `?`, `&`, `#`, `;` */
function isQuerySeparator(code: number): boolean {
  return code === 38 || code === 63 || code === 35 || code === 59;
}

/** `"`, `'`, backtick */
function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}

/** Of each word. */
function lettersOf(words: string): readonly number[] {
  return words.split(' ').map((word) => [...word].reduce((letters, letter) => letters | bitsOf(letter), 0));
}

function bitsOf(character: string): number {
  if (/[a-z]/i.test(character)) return 1 << (character.charCodeAt(0) & 31);
  if (character === '%') return ANY;
  return /[?&#;:=,'"`({<>\\\s]/.test(character) ? 0 : 1;
}
