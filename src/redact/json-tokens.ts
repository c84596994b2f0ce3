const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const CUT_ESCAPE = /\\(?:u[0-9a-fA-F]{0,3})?$/y;
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
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return end;
    end += 1;
  }
}

/**
 * Where strings end. The next backslash is looked for once and remembered, so that a text is searched twice in
 * all, at the speed of the engine's own search. Control characters, which JSON wants escaped, are let through:
 * there is but one way to read them.
 */
export class Strings {
  /** Whether the last string that was read has escapes. */
  escaped = false;
  #backslash = -1;

  constructor(private readonly text: string) {}

  /** The index of the quotation mark that closes the string whose content begins at `at`, or `INVALID` or `CUT`. */
  end(at: number): number {
    const { text } = this;
    let from = at;
    this.escaped = false;
    for (;;) {
      const quote = text.indexOf('"', from);
      const backslash = this.#backslashFrom(from);
      if (quote >= 0 && quote < backslash) return quote;
      if (backslash === text.length) return CUT;
      this.escaped = true;
      from = endOf(ESCAPE, text, backslash);
      if (from < 0) return endOf(CUT_ESCAPE, text, backslash) < 0 ? INVALID : CUT;
    }
  }

  #backslashFrom(at: number): number {
    if (this.#backslash < at) {
      const found = this.text.indexOf('\\', at);
      this.#backslash = found < 0 ? this.text.length : found;
    }
    return this.#backslash;
  }
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
