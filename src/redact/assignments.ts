import { isSecretAnywhere, isSecretQueryName, NameCache, queryName } from './names.js';
import { type Kind, kindOf, redactAround, type Secret } from './replacements.js';

interface Name {
  readonly begin: number;
  readonly end: number;
  readonly inQuery: boolean;
  /** Whether the sign follows directly. */
  readonly isTight: boolean;
}

const MAX_NAME = 96;
const MAX_SPACES = 2;
const SPACE = 32;
const PERCENT = 37;
const BACKSLASH = 92;
const TAB = 9;
/** The bits of a character that may represent any letter. */
const ANY = -1;
/** A percent-encoded sign, or, in group 1, a separator. */
const ENCODED_END = /%(?:3d|(3f|26|23|3b))/iy;
const ENCODED_LENGTH = 3;
/** The rest of an escape after its backslash; group 1 is `&`. */
const ESCAPED = /^(?:[bfnrt]|u(0026)|u[0-9a-f]{4})/i;

/** By character code: the bit of a letter; all bits for `%`, which may encode any; 0 where a name ends. */
const BITS = new Int32Array(128).map((_, code) => bitsOf(String.fromCharCode(code)));
/** Every name that is secret outside queries contains the letters of one of these words. */
const ANYWHERE = lettersOf(
  'token secret passw pwd credential authorization apikey accesskey accountkey privatekey',
);
const [RARE = ANY] = lettersOf('kwcz');
const IN_QUERY = lettersOf(
  'token secret pwd credential key code sig auth bearer jwt assertion pass sessionid',
);

/**
 * The name before the sign, if it may be that of a secret. Looks back at most 100 characters. Nearly all names are
 * rejected by their letters while their start is searched.
 *
 * @param backslashes the maximum number of backslashes before a quotation mark that follows the name
 */
function nameBefore(text: string, signAt: number, backslashes: number): Name | undefined {
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
  const first = begin + (escaped?.[0].length ?? 0);
  const inQuery = encoded === 'separator' || isQuerySeparator(before) || escaped?.[1] !== undefined;
  return first === end ? undefined : { begin: first, end, inQuery, isTight: end === signAt };
}

function isQuerySeparator(code: number): boolean {
  return code === 38 || code === 63 || code === 35 || code === 59;
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}

function lettersOf(words: string): readonly number[] {
  return words.split(' ').map((word) => [...word].reduce((letters, letter) => letters | bitsOf(letter), 0));
}

function bitsOf(character: string): number {
  if (/[a-z]/i.test(character)) return 1 << (character.charCodeAt(0) & 31);
  if (character === '%') return ANY;
  return /[?&#;:=,'"`({<>\\\s]/.test(character) ? 0 : 1;
}

/**
 * A quoted value. In JSON source the quotation mark may end the string that contains the name; then no value follows.
 */
const QUOTED = new RegExp(
  String.raw`[ \t]{0,2}(?:${[
    String.raw`"(?!\s{0,9}[,:}\]])((?:\\.|[^"\\\r\n])+)`,
    String.raw`(['${'`'}])((?:\\.|(?!\2)[^"\\\r\n])+)`,
    String.raw`\\["'](?!\s{0,9}[,:}\]])((?:\\\\|(?!\\["'])[^"\r\n])+)`,
  ].join('|')})`,
  'y',
);
/** Ends before the next pair of a connection string. */
const BARE = /(?:[^;&#\s"'<>`\\]|;(?!\s{0,4}[A-Za-z][\w ]{0,40}=))+/y;
const BARE_ENCODED = /(?:(?!%26|%23)[^&#\s"'<>`\\])+/iy;
/** A value with a digit, since ordinary words may also follow a colon or a space. */
const RANDOM = /[ \t]{0,2}((?=[^\s&#"'<>`\\,;]{0,64}\d)[^\s&#"'<>`\\,;]{6,})/y;
const HAS_DIGIT = /\d/;

const QUOTE = 0x22;
const ARROW_END = 0x3e;

/**
 * The values of secret names: `name=value` in queries (also percent-encoded), variables and connection strings; `name:
 * value` and `"name": "value"` in JSON or YAML. In a query the names of URL parameters apply. Elsewhere `code=` and
 * `key=` are not secret, and `…token` only if its value has a digit.
 */
export const ASSIGNMENTS: readonly Kind[] = [
  kindOf(
    '=',
    (text, at) => secretAt(text, at, '='),
    // `=>` is an arrow, not an assignment.
    (text, at) => text.charCodeAt(at + 1) !== ARROW_END && isSuspect(text, at, '='),
  ),
  kindOf(
    ':',
    (text, at) => secretAt(text, at, ':'),
    (text, at) => isSuspect(text, at, ':'),
  ),
  {
    mark: '%3',
    isSuspect: (text, at) => /d/i.test(text.charAt(at + 2)),
    redact: (text) =>
      ['%3d', '%3D'].reduce(
        (rest, sign) => redactAround(rest, sign, (all, at) => secretAt(all, at, '%3D')),
        text,
      ),
  },
];

type Sign = '=' | ':' | '%3D';

/** Whether a secret name may precede the sign in JSON source, where a quotation mark may have many backslashes. */
function isSuspect(text: string, at: number, sign: '=' | ':'): boolean {
  // The name of a member, or a string that begins with the sign.
  if (text.charCodeAt(at - 1) === QUOTE && text.charCodeAt(at - 2) !== BACKSLASH) return false;
  return secretName(text, at, sign, Number.POSITIVE_INFINITY) !== undefined;
}

type Says = 'secret' | 'likely' | 'nothing';

const cache = new NameCache((name): { readonly inQuery: Says; readonly anywhere: Says } => {
  const plain = queryName(name);
  const inQuery = isSecretQueryName(plain) ? 'secret' : 'nothing';
  const isToken = inQuery === 'secret' && plain.endsWith('token');
  return { inQuery, anywhere: isSecretAnywhere(plain) ? 'secret' : isToken ? 'likely' : 'nothing' };
});

interface SecretName {
  /** Whether the sign follows directly. */
  readonly isTight: boolean;
  readonly isCertain: boolean;
}

function secretName(text: string, at: number, sign: Sign, backslashes: number): SecretName | undefined {
  const name = nameBefore(text, at, backslashes);
  if (name === undefined) return undefined;
  const { inQuery, anywhere } = cache.at(text, name.begin, name.end);
  const said = name.inQuery && sign !== ':' ? inQuery : anywhere;
  return said === 'nothing' ? undefined : { isTight: name.isTight, isCertain: said === 'secret' };
}

function secretAt(text: string, at: number, sign: Sign): Secret | undefined {
  const name = secretName(text, at, sign, 1);
  if (name === undefined) return undefined;
  const behind = at + sign.length;
  if (sign === '%3D') return name.isCertain ? matchAt(BARE_ENCODED, text, behind) : undefined;
  const quoted = mayBeQuoted(text, behind) ? matchAt(QUOTED, text, behind) : undefined;
  if (quoted !== undefined) {
    return name.isCertain || HAS_DIGIT.test(text.slice(quoted.begin, quoted.end)) ? quoted : undefined;
  }
  if (sign !== '=' || !name.isTight || !name.isCertain) return matchAt(RANDOM, text, behind);
  BARE.lastIndex = behind;
  return BARE.test(text) ? { begin: behind, end: BARE.lastIndex } : undefined;
}

function mayBeQuoted(text: string, at: number): boolean {
  let begin = at;
  let code = text.charCodeAt(begin);
  for (; begin - at < MAX_SPACES && (code === SPACE || code === TAB); code = text.charCodeAt(begin))
    begin += 1;
  return code === BACKSLASH || isQuote(code);
}

function matchAt(pattern: RegExp, text: string, at: number): Secret | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const value = match[4] ?? match[3] ?? match[1] ?? match[0];
  return { begin: pattern.lastIndex - value.length, end: pattern.lastIndex };
}
