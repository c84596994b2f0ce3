import { remembered } from '../remembered.js';
import { nameBefore } from './assigned-name.js';
import { type Kind, kindOf } from './kind.js';
import { redactAround, type Secret } from './marked.js';
import { isSecretAnywhere, isSecretQueryName, queryName } from './names.js';

/**
 * In quotes. Where the text is JSON a quotation mark may as well end the string that the name stands in: what goes
 * on behind it then is no value, and one in single quotes ends at it.
 */
const QUOTED = new RegExp(
  String.raw`[ \t]{0,2}(?:${[
    String.raw`"(?!\s{0,9}[,:}\]])((?:\\.|[^"\\\r\n])+)`,
    String.raw`(['${'`'}])((?:\\.|(?!\2)[^"\\\r\n])+)`,
    String.raw`\\["'](?!\s{0,9}[,:}\]])((?:\\\\|(?!\\["'])[^"\r\n])+)`,
  ].join('|')})`,
  'y',
);
/** To the next pair of a connection string, at most. */
const BARE = /(?:(?!;\s{0,4}[A-Za-z][\w ]{0,40}=)[^&#\s"'<>`\\])+/y;
const BARE_ENCODED = /(?:(?!%26|%23)[^&#\s"'<>`\\])+/iy;
/** What no word is: behind a colon or a space anything may come. */
const RANDOM = /[ \t]{0,2}((?=[^\s&#"'<>`\\,;]{0,64}\d)[^\s&#"'<>`\\,;]{6,})/y;
const HAS_DIGIT = /\d/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ARROW_END = 0x3e;

/**
 * The values of secret names: of `name=value` in queries (also inside an encoded one), in variables and in
 * connection strings, and of `name: value` and `"name": "value"` in what was JSON or YAML. In a query names are
 * told as in URLs; elsewhere `code=` and `key=` are no secrets, and `…token` is one only where its value has a
 * digit.
 */
export const ASSIGNMENTS: readonly Kind[] = [
  kindOf(
    '=',
    (text, at) => secretAt(text, at, '='),
    // No value begins with the end of an arrow.
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

/**
 * Whether a secret name may stand before the sign in JSON as it is written, where a quotation mark in a string has
 * the more backslashes the more strings it is in.
 */
function isSuspect(text: string, at: number, sign: '=' | ':'): boolean {
  // Without one it is that of a member's name, or the string begins with the sign.
  if (text.charCodeAt(at - 1) === QUOTE && text.charCodeAt(at - 2) !== BACKSLASH) return false;
  return secretName(text, at, sign, Number.POSITIVE_INFINITY) !== undefined;
}

/** What a name says of its value: that it is secret, or that it may be one, or nothing. */
type Says = 'secret' | 'likely' | 'nothing';

const says = remembered((name): { readonly inQuery: Says; readonly anywhere: Says } => {
  const plain = queryName(name);
  const inQuery = isSecretQueryName(plain) ? 'secret' : 'nothing';
  const isToken = inQuery === 'secret' && plain.endsWith('token');
  return { inQuery, anywhere: isSecretAnywhere(plain) ? 'secret' : isToken ? 'likely' : 'nothing' };
});

interface SecretName {
  /** Nothing stands between it and the sign. */
  readonly isTight: boolean;
  /** Whatever the value is. */
  readonly isCertain: boolean;
}

function secretName(text: string, at: number, sign: Sign, backslashes: number): SecretName | undefined {
  const name = nameBefore(text, at, backslashes);
  if (name === undefined) return undefined;
  const { inQuery, anywhere } = says(name.text);
  const said = name.inQuery && sign !== ':' ? inQuery : anywhere;
  return said === 'nothing' ? undefined : { isTight: name.isTight, isCertain: said === 'secret' };
}

function secretAt(text: string, at: number, sign: Sign): Secret | undefined {
  const name = secretName(text, at, sign, 1);
  if (name === undefined) return undefined;
  const behind = at + sign.length;
  if (sign === '%3D') return name.isCertain ? matchAt(BARE_ENCODED, text, behind) : undefined;
  const quoted = matchAt(QUOTED, text, behind);
  if (quoted !== undefined) {
    return name.isCertain || HAS_DIGIT.test(text.slice(quoted.begin, quoted.end)) ? quoted : undefined;
  }
  return matchAt(sign === '=' && name.isTight && name.isCertain ? BARE : RANDOM, text, behind);
}

function matchAt(pattern: RegExp, text: string, at: number): Secret | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const value = match[4] ?? match[3] ?? match[1] ?? match[0];
  return { begin: pattern.lastIndex - value.length, end: pattern.lastIndex };
}
