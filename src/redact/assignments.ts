import { type Name, nameBefore } from './assigned-name.js';
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

/**
 * Replaces the values of secret names by `[REDACTED]`: of `name=value` in queries (also inside an encoded one),
 * in variables and in connection strings, and of `name: value` and `"name": "value"` in what was JSON or YAML.
 * In a query names are told as in URLs; elsewhere `code=` and `key=` are no secrets, and `…token` is one only
 * where its value has a digit.
 */
export function redactAssignments(text: string): string {
  let result = redactAround(text, '=', (all, at) => secretAt(all, at, '='));
  result = redactAround(result, ':', (all, at) => secretAt(all, at, ':'));
  if (!result.includes('%3')) return result;
  result = redactAround(result, '%3d', (all, at) => secretAt(all, at, '%3D'));
  return redactAround(result, '%3D', (all, at) => secretAt(all, at, '%3D'));
}

type Sign = '=' | ':' | '%3D';

function secretAt(text: string, at: number, sign: Sign): Secret | undefined {
  const name = nameBefore(text, at);
  if (name === undefined) return undefined;
  const plain = queryName(name.text);
  const isCertain = name.inQuery && sign !== ':' ? isSecretQueryName(plain) : isSecretAnywhere(plain);
  const isLikely = isCertain || (plain.endsWith('token') && isSecretQueryName(plain));
  return isLikely ? valueAt(text, at + sign.length, sign, name, isCertain) : undefined;
}

function valueAt(
  text: string,
  behind: number,
  sign: Sign,
  name: Name,
  isCertain: boolean,
): Secret | undefined {
  if (sign === '%3D') return isCertain ? matchAt(BARE_ENCODED, text, behind) : undefined;
  const quoted = matchAt(QUOTED, text, behind);
  if (quoted !== undefined) {
    return isCertain || HAS_DIGIT.test(text.slice(quoted.begin, quoted.end)) ? quoted : undefined;
  }
  return matchAt(sign === '=' && name.isTight && isCertain ? BARE : RANDOM, text, behind);
}

function matchAt(pattern: RegExp, text: string, at: number): Secret | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const value = match[4] ?? match[3] ?? match[1] ?? match[0];
  return { begin: pattern.lastIndex - value.length, end: pattern.lastIndex };
}
