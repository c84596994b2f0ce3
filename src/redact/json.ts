import {
  CUT,
  decoded,
  encodedLength,
  INVALID,
  mayBeJson,
  Strings,
  scalarEnd,
  spaceEnd,
  wholeEscapes,
} from './json-tokens.js';
import { Edits, mayBeMedia, mediaNote, REDACTED } from './replacements.js';
import { ANY_KIND, type KindSet, NO_KIND, replaceInSource, type Suspicion } from './text.js';

/**
 * How a text may end. `whole`: it is one JSON value. `open`: it may also be the beginning of one, such as a piece of a
 * streamed value. `cut`: the same, and its end is dropped, since it may be the beginning of a secret.
 */
export type JsonEnd = 'whole' | 'open' | 'cut';

export interface KeyReading {
  /** `token`: a secret or a token of a model. `media`: base64 in it is the content of a file. */
  readonly holds: 'secret' | 'token' | 'media' | 'any';
  /** The redacted name as JSON; `undefined` if the name contains no secret. */
  readonly replacement: string | undefined;
}

export interface StringPlace {
  /** The value of a member whose name denotes the content of a file. */
  readonly named: boolean;
  readonly cut: boolean;
  /** The secrets that it may contain as a text, apart from JSON. */
  readonly kinds: KindSet;
}

/** Redacts a decoded string. Returns the same string if it contains no secret. */
export type RedactString = (text: string, place: StringPlace) => string;

export interface JsonRules {
  /** Reads the name of a member, from `begin` to `end` between its quotation marks. */
  readKey(text: string, begin: number, end: number): KeyReading;
  readonly redactString: RedactString;
}

const QUOTED = `"${REDACTED}"`;
const QUOTE = 0x22;

/**
 * Redacts JSON. Returns `undefined` for any other text. The values of secret members become `"[REDACTED]"`, except
 * `true`, `false` and `null`. Strings are redacted by `redactString`, names by `readKey`. Everything else stays
 * unchanged. Reads the text once, without recursion. Accepts what `JSON.parse` accepts, and raw control characters in
 * strings.
 */
export function redactJson(
  text: string,
  end: JsonEnd,
  rules: JsonRules,
  suspicion: Suspicion,
): string | undefined {
  return new JsonPass(text, end, rules, suspicion).run();
}

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma';

class JsonPass {
  readonly #edits: Edits;
  readonly #strings: Strings;
  readonly #stringEdits: StringEdits;
  readonly #nesting = new Nesting();
  #expected: Expected = 'value';
  #key: KeyReading['holds'] = 'any';
  /** The start and the depth of the secret value that is being skipped; -1 outside a secret value. */
  #secretStart = -1;
  #secretDepth = 0;

  constructor(
    private readonly text: string,
    private readonly end: JsonEnd,
    private readonly rules: JsonRules,
    suspicion: Suspicion,
  ) {
    this.#edits = new Edits(text);
    this.#strings = new Strings(text);
    this.#stringEdits = new StringEdits(text, this.#edits, rules.redactString, suspicion);
  }

  run(): string | undefined {
    const { text } = this;
    let at = spaceEnd(text, 0);
    while (at < text.length) {
      at = this.#step(at, text.charCodeAt(at));
      if (at === INVALID) return undefined;
      if (at === CUT) return this.end === 'whole' ? undefined : this.#prefix();
      at = spaceEnd(text, at);
    }
    if (this.#expected === 'comma' && this.#nesting.depth === 0) return this.#edits.applied();
    return this.end === 'whole' ? undefined : this.#prefix();
  }

  #prefix(): string {
    if (this.#secretStart >= 0) this.#edits.replace(this.#secretStart, this.text.length, QUOTED);
    return this.#edits.applied();
  }

  #step(at: number, code: number): number {
    switch (this.#expected) {
      case 'value or ]':
        if (code === 0x5d) return this.#close(at);
        return this.#value(at, code);
      case 'value':
        return this.#value(at, code);
      case 'name or }':
        if (code === 0x7d) return this.#close(at);
        return code === QUOTE ? this.#name(at) : INVALID;
      case 'name':
        return code === QUOTE ? this.#name(at) : INVALID;
      case 'colon':
        this.#expected = 'value';
        return code === 0x3a ? at + 1 : INVALID;
      case 'comma':
        return this.#comma(at, code);
    }
  }

  #comma(at: number, code: number): number {
    if (this.#nesting.depth === 0) return INVALID;
    const { inObject } = this.#nesting;
    if (code === 0x2c) {
      this.#expected = inObject ? 'name' : 'value';
      return at + 1;
    }
    return code === (inObject ? 0x7d : 0x5d) ? this.#close(at) : INVALID;
  }

  #close(at: number): number {
    this.#nesting.close();
    return this.#ended(at + 1);
  }

  #name(at: number): number {
    const { text } = this;
    const end = this.#strings.end(at + 1);
    if (end === CUT) this.#cutString(at, false);
    if (end < 0) return end;
    this.#expected = 'colon';
    if (this.#secretStart >= 0) return end + 1;
    const { holds, replacement } = this.rules.readKey(text, at + 1, end);
    this.#key = holds;
    if (replacement !== undefined) this.#edits.replace(at, end + 1, replacement);
    return end + 1;
  }

  #value(at: number, code: number): number {
    const key = this.#key;
    this.#key = 'any';
    const isObject = code === 0x7b;
    const secret = key === 'secret' || (key === 'token' && !isLogprob(this.text, at));
    if (secret && this.#secretStart < 0 && !isWord(code)) {
      this.#secretStart = at;
      this.#secretDepth = this.#nesting.depth;
    }
    if (isObject || code === 0x5b) {
      this.#nesting.open(isObject);
      this.#expected = isObject ? 'name or }' : 'value or ]';
      return at + 1;
    }
    const end = code === QUOTE ? this.#string(at, key === 'media') : scalarEnd(this.text, at);
    return end < 0 ? end : this.#ended(end);
  }

  #string(at: number, named: boolean): number {
    const end = this.#strings.end(at + 1);
    if (end === CUT) this.#cutString(at, named);
    if (end < 0) return end;
    if (this.#secretStart < 0) this.#stringEdits.whole(at, end, named, this.#strings);
    return end + 1;
  }

  #ended(end: number): number {
    this.#expected = 'comma';
    if (this.#secretStart >= 0 && this.#nesting.depth === this.#secretDepth) {
      this.#edits.replace(this.#secretStart, end, QUOTED);
      this.#secretStart = -1;
    }
    return end;
  }

  #cutString(at: number, named: boolean): void {
    const { text, end } = this;
    if (end === 'whole' || this.#secretStart >= 0) return;
    const isCut = end === 'cut';
    // A name without its value is of no use, and may contain a secret.
    if (isCut && (this.#expected === 'name' || this.#expected === 'name or }')) {
      this.#edits.replace(at, text.length, '');
      return;
    }
    this.#stringEdits.unfinished(at, named, isCut);
  }
}

/** `true`, `false` and `null`, which reveal only whether there is a secret. */
function isWord(code: number): boolean {
  return code === 0x74 || code === 0x66 || code === 0x6e;
}

class Nesting {
  readonly #open: boolean[] = [];

  get depth(): number {
    return this.#open.length;
  }

  get inObject(): boolean {
    return this.#open.at(-1) === true;
  }

  open(isObject: boolean): void {
    this.#open.push(isObject);
  }

  close(): void {
    this.#open.pop();
  }
}

const LOGPROB =
  /"(?:[^"\\]|\\.){0,200}"\s*,\s*"(?:logprob"|bytes"\s*:\s*(?:null|\[[\d,\s]*\])\s*,\s*"logprob")/y;

function isLogprob(text: string, at: number): boolean {
  LOGPROB.lastIndex = at;
  return LOGPROB.test(text);
}

class StringEdits {
  constructor(
    private readonly text: string,
    private readonly edits: Edits,
    private readonly redactString: RedactString,
    private readonly suspicion: Suspicion,
  ) {}

  /** The string between the quotation marks at `at` and `end`, the last one that `Strings` read. */
  whole(at: number, end: number, named: boolean, { escaped, disguised }: Strings): void {
    const { text } = this;
    if (!escaped && mayBeMedia(end - at - 1, named)) {
      const note = mediaNote(text.slice(at + 1, end), named);
      if (note !== undefined) {
        this.edits.replace(at, end + 1, `"${note}"`);
        return;
      }
    }
    const kinds = disguised ? ANY_KIND : this.suspicion(at, end);
    const isJson = mayBeJson(text, at + 1);
    if (kinds === NO_KIND && !isJson) return;
    if (!escaped && !isJson && replaceInSource(text, at + 1, end, kinds, this.edits)) return;
    const string = escaped ? decoded(text.slice(at, end + 1)) : text.slice(at + 1, end);
    const redacted = this.redactString(string, { named, cut: false, kinds });
    if (redacted === string) return;
    this.edits.replace(at, end + 1, escaped || isJson ? JSON.stringify(redacted) : `"${redacted}"`);
  }

  /**
   * The string that starts with the quotation mark at `at` and is not closed.
   *
   * @param isCut its end may be the beginning of a secret
   */
  unfinished(at: number, named: boolean, isCut: boolean): void {
    const { text } = this;
    const raw = wholeEscapes(text.slice(at + 1));
    const string = decoded(`"${raw}"`);
    const redacted = this.redactString(string, { named, cut: isCut, kinds: ANY_KIND });
    if (isCut && string.startsWith(redacted)) {
      this.edits.replace(at + 1 + encodedLength(raw, redacted.length), text.length, '');
    } else if (redacted !== string) {
      const end = isCut ? text.length : at + 1 + raw.length;
      this.edits.replace(at, end, JSON.stringify(redacted).slice(0, -1));
    }
  }
}
