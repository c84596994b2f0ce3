const ESCAPED = new Uint8Array(128);
for (const character of '"\\bfnrt') ESCAPED[character.charCodeAt(0)] = 1;
const ELLIPSIS = 0x2026;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const U = 0x75;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const CUT_NUMBER = /-?(?:(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d*)?)?$/y;
/** `.`, `e` and `E` */
const NUMBER_GOES_ON: ReadonlySet<number> = new Set([0x2e, 0x65, 0x45]);
const LITERALS = ['true', 'false', 'null'];

/** A token that is none in JSON. */
export const INVALID = -1;
/** A token that is one as far as it goes, and the text ends in it. */
export const CUT = -2;

/** Where a sticky pattern that matches at `at` ends; negative where it does not. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : INVALID;
}

/** The first character from `at` on that is no white space of JSON (RFC 8259, section 2). */
export function spaceEnd(text: string, at: number): number {
  let end = at;
  for (;;) {
    const code = text.charCodeAt(end);
    if (code > 0x20 || (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)) return end;
    end += 1;
  }
}

/**
 * Where strings end. The next quotation mark and the next backslash are looked for once and remembered, so that a
 * text is searched twice in all, at the speed of the engine's own search. Control characters, which JSON wants
 * escaped, are let through: there is but one way to read them.
 */
export class Strings {
  /** Whether the last string that was read has escapes. */
  escaped = false;
  /** Whether one of them stands for a character that a secret may have in it, and which could stand there as it is. */
  disguised = false;
  #quote = -1;
  #backslash = -1;

  constructor(private readonly text: string) {}

  /** The index of the quotation mark that closes the string whose content begins at `at`, or `INVALID` or `CUT`. */
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
      // They often stand side by side.
      if (text.charCodeAt(from) === BACKSLASH) this.#backslash = from;
    }
  }

  #escapeEnd(at: number): number {
    const { text } = this;
    const code = text.charCodeAt(at + 1);
    if (code === U) {
      let unit = 0;
      for (let digit = at + 2; digit < at + 6; digit += 1) {
        const value = hexValue(text.charCodeAt(digit));
        if (value < 0) return digit === text.length ? CUT : INVALID;
        unit = unit * 16 + value;
      }
      // ASCII, and the `…` of a key with a gap in it.
      if (unit < 0x80 || unit === ELLIPSIS) this.disguised = true;
      return at + 6;
    }
    if (code === SLASH) this.disguised = true;
    else if (!isEscaped(code)) return at + 1 === text.length ? CUT : INVALID;
    return at + 2;
  }
}

/** Negative for what is no hexadecimal digit. */
function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** What one character behind a backslash stands for another, and could not stand there as it is. */
function isEscaped(code: number): boolean {
  return code < 128 && ESCAPED[code] === 1;
}

function foundOrEnd(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}

/** Where a number, `true`, `false` or `null` that begins at `at` ends: behind it, or `INVALID` or `CUT`. */
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
