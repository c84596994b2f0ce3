import { Edits } from './edits.js';
import { type RedactString, StringEdits } from './json-strings.js';
import { CUT, INVALID, Strings, scalarEnd, spaceEnd } from './json-tokens.js';
import { REDACTED } from './names.js';
import type { Suspicion } from './suspicion.js';

/**
 * How a text may end. `whole`: it is one JSON value. `open`: it may also be the beginning of one, as a piece of
 * a streamed value is. `cut`: the same, and what it ends in may be the beginning of a secret, and goes.
 */
export type JsonEnd = 'whole' | 'open' | 'cut';

/** What a member's name says of its value. */
export interface KeyReading {
  /**
   * `token`: a secret, or what a model calls a token. `media`: a string in it that is base64 is the content of
   * a file.
   */
  readonly holds: 'secret' | 'token' | 'media' | 'any';
  /** The name, as JSON, without the shape of a key that it holds itself; `undefined` where it holds none. */
  readonly replacement: string | undefined;
}

export interface JsonRules {
  /** What the name of a member says, given as it stands between its quotation marks. */
  readKey(raw: string): KeyReading;
  readonly redactString: RedactString;
}

const QUOTED = `"${REDACTED}"`;
const QUOTE = 0x22;

/**
 * Takes JSON and gives it without secrets, or `undefined` where it is none: the values of secret members become
 * `"[REDACTED]"` whatever they are but `true`, `false` and `null`, strings and names pass `redactString` and
 * `readKey`. It is read once, from beginning to end, without recursion; what is no secret, numbers, escapes and
 * white space, stays byte for byte. It takes for JSON what `JSON.parse` does, and lets control characters in strings
 * through.
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
  /** Where the secret value begins that is being passed over, and how deep it stands. */
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

  /** What has been read of a value that goes on behind the end. */
  #prefix(): string {
    if (this.#secretStart >= 0) this.#edits.replace(this.#secretStart, this.text.length, QUOTED);
    return this.#edits.applied();
  }

  /** Reads one token, that begins at `at`, and gives where it ends. */
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
    const { holds, replacement } = this.rules.readKey(text.slice(at + 1, end));
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

  /** The end of a value; perhaps of the secret one. */
  #ended(end: number): number {
    this.#expected = 'comma';
    if (this.#secretStart >= 0 && this.#nesting.depth === this.#secretDepth) {
      this.#edits.replace(this.#secretStart, end, QUOTED);
      this.#secretStart = -1;
    }
    return end;
  }

  /** The text ends in the string whose quotation mark is at `at`. */
  #cutString(at: number, named: boolean): void {
    const { text, end } = this;
    if (end === 'whole' || this.#secretStart >= 0) return;
    const isCut = end === 'cut';
    // The name of a member says nothing without its value, and may be the beginning of a secret's.
    if (isCut && (this.#expected === 'name' || this.#expected === 'name or }')) {
      this.#edits.replace(at, text.length, '');
      return;
    }
    this.#stringEdits.unfinished(at, named, isCut);
  }
}

/** `true`, `false` and `null` tell nothing but whether there is a secret. */
function isWord(code: number): boolean {
  return code === 0x74 || code === 0x66 || code === 0x6e;
}

/** Which brackets are open: bodies may be nested as deep as they are long. */
export class Nesting {
  /** Of each, whether it is that of an object. */
  readonly #open: boolean[] = [];

  get depth(): number {
    return this.#open.length;
  }

  /** Whether the innermost open bracket is that of an object. */
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

/** The members of OpenAI's log probabilities, in the two orders in which they come. */
const LOGPROB =
  /"(?:[^"\\]|\\.){0,200}"\s*,\s*"(?:logprob"|bytes"\s*:\s*(?:null|\[[\d,\s]*\])\s*,\s*"logprob")/y;

/** Whether the "token" whose value begins at `at` is a piece of the model's text: its probability follows. */
export function isLogprob(text: string, at: number): boolean {
  LOGPROB.lastIndex = at;
  return LOGPROB.test(text);
}
