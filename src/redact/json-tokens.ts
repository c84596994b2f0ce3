const ESCAPED = new Uint8Array(128);
for (const character of '"\\bfnrt') ESCAPED[character.charCodeAt(0)] = 1;
const ELLIPSIS = 0x2026;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const U = 0x75;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const CUT_NUMBER = /-?(?:(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d*)?)?$/y;
/** Escapes of characters that occur in no secret: not ASCII, except the `…` of a masked key. */
const PLAIN_ESCAPES = /(?:\\u(?!00[0-7]|2026)[0-9A-Fa-f]{4}[^"\\]{0,9}){1,256}/y;
const NUMBER_GOES_ON: ReadonlySet<number> = new Set([0x2e, 0x65, 0x45]);
const LITERALS = ['true', 'false', 'null'];

export const INVALID = -1;
/** The text ends within the token. */
export const CUT = -2;

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : INVALID;
}

export function spaceEnd(text: string, at: number): number {
  let end = at;
  for (;;) {
    const code = text.charCodeAt(end);
    if (code > 0x20 || (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)) return end;
    end += 1;
  }
}

/**
 * Finds the ends of strings. Caches the next quotation mark and the next backslash, so that the text is searched only
 * twice. Accepts raw control characters.
 */
export class Strings {
  escaped = false;
  /** Whether an escape represents a character that needs none and may be part of a secret. */
  disguised = false;
  #quote = -1;
  #backslash = -1;

  constructor(private readonly text: string) {}

  /** The index of the quotation mark that closes the string whose content starts at `at`, or `INVALID` or `CUT`. */
  end(at: number): number {
    const { text } = this;
    let from = at;
    this.escaped = false;
    this.disguised = false;
    for (;;) {
      if (this.#quote < from) this.#quote = foundOrEnd(text, '"', from);
      if (this.#backslash < from) this.#backslash = foundOrEnd(text, '\\', from);
      if (this.#quote < this.#backslash) return this.#quote;
      if (this.#backslash === text.length) return CUT;
      this.escaped = true;
      from = this.#escapeEnd(this.#backslash);
      if (from < 0) return from;
      if (text.charCodeAt(from) === BACKSLASH) this.#backslash = from;
    }
  }

  #escapeEnd(at: number): number {
    const { text } = this;
    const code = text.charCodeAt(at + 1);
    if (code === U) {
      PLAIN_ESCAPES.lastIndex = at;
      if (PLAIN_ESCAPES.test(text)) return PLAIN_ESCAPES.lastIndex;
      let unit = 0;
      for (let digit = at + 2; digit < at + 6; digit += 1) {
        const value = hexValue(text.charCodeAt(digit));
        if (value < 0) return digit === text.length ? CUT : INVALID;
        unit = unit * 16 + value;
      }
      if (unit < 0x80 || unit === ELLIPSIS) this.disguised = true;
      return at + 6;
    }
    if (code === SLASH) this.disguised = true;
    else if (!isEscaped(code)) return at + 1 === text.length ? CUT : INVALID;
    return at + 2;
  }
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function isEscaped(code: number): boolean {
  return code < 128 && ESCAPED[code] === 1;
}

function foundOrEnd(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}

/** The end of the number, `true`, `false` or `null` that starts at `at`, or `INVALID` or `CUT`. */
export function scalarEnd(text: string, at: number): number {
  const end = endOf(NUMBER, text, at);
  if (end >= 0 && !NUMBER_GOES_ON.has(text.charCodeAt(end))) return end;
  if (endOf(CUT_NUMBER, text, at) >= 0) return CUT;
  for (const literal of LITERALS) {
    const found = text.slice(at, at + literal.length);
    if (literal.startsWith(found)) return found === literal ? at + literal.length : CUT;
  }
  return INVALID;
}

/** Whether the content of a string that starts here may be JSON, by its first character that is not white space. */
export function mayBeJson(text: string, begin: number): boolean {
  for (let at = begin; ; at += 1) {
    let code = text.charCodeAt(at);
    if (code === BACKSLASH) {
      at += 1;
      code = text.charCodeAt(at);
      if (code === 0x6e || code === 0x72 || code === 0x74) continue;
      return code === QUOTE || (code === 0x75 && text.startsWith('00', at + 1));
    }
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)
      return code === 0x5b || code === 0x7b;
  }
}

const CONTROL = /[^ -\uffff]/g;

/** @param quoted a valid string of JSON, with its quotation marks; control characters may be raw */
export function decoded(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted);
  } catch {
    return JSON.parse(quoted.replace(CONTROL, (character) => JSON.stringify(character).slice(1, -1)));
  }
}

/** Drops the incomplete escape at the end of the content of a string: at most five characters. */
export function wholeEscapes(raw: string): string {
  for (let dropped = 0; dropped < 6; dropped++) {
    const whole = raw.slice(0, raw.length - dropped);
    if (new Strings(`${whole}"`).end(0) === whole.length) return whole;
  }
  return '';
}

/** The length of the first `units` code units of a string in its escaped form. */
export function encodedLength(raw: string, units: number): number {
  let at = 0;
  for (let left = units; left > 0; left--) {
    at += raw.charAt(at) !== '\\' ? 1 : raw.charAt(at + 1) === 'u' ? 6 : 2;
  }
  return at;
}
