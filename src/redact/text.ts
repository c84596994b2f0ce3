import { warn } from '../self-diagnostics.js';
import { ASSIGNMENTS } from './assignments.js';
import { REFUSED_HEADERS, USER_INFO } from './credentials.js';
import { DATA_URLS, type Edits, type Kind, REDACTED } from './replacements.js';
import { PRIVATE_KEYS, SHAPES } from './shapes.js';

/** In the order in which they are replaced: a private key contains white space, at which the others end. */
const KINDS: readonly Kind[] = [DATA_URLS, REFUSED_HEADERS, ...SHAPES, ...USER_INFO, ...ASSIGNMENTS];

export type KindSet = number;
export const NO_KIND: KindSet = 0;
export const ANY_KIND: KindSet = -1;

const DATA_URL_KIND: KindSet = 1 << KINDS.indexOf(DATA_URLS);
const SECRET_KINDS: KindSet = ANY_KIND & ~DATA_URL_KIND;

/**
 * Kinds that may match only after an adjacent secret was replaced: names and URLs begin and end at other characters.
 */
const BESIDE: KindSet = setOf([...USER_INFO, ...ASSIGNMENTS]);

/** By index: the later kinds that may match only after a secret of this kind was replaced. */
const AFTER: readonly KindSet[] = KINDS.map(
  (kind, index) => (kind === PRIVATE_KEYS ? ANY_KIND : BESIDE) & ~((2 << index) - 1),
);

function setOf(kinds: readonly Kind[]): KindSet {
  return kinds.reduce((set, kind) => set | (1 << KINDS.indexOf(kind)), NO_KIND);
}

/** In a longer text, the engine's search for each mark is faster than a loop over its characters. */
const SHORT_LENGTH = 192;

const RARE_FIRST = 'zqjxkvbpygfwmucldrhsnioate';

const MARKED_BY = new Int32Array(128);
for (const [index, { mark }] of KINDS.entries()) {
  const code = rarest(mark).charCodeAt(0);
  MARKED_BY[code] = (MARKED_BY[code] ?? 0) | (1 << index);
}

function rarest(mark: string): string {
  const special = /[^a-z\d]/.exec(mark)?.[0] ?? /\d/.exec(mark)?.[0];
  return special ?? [...RARE_FIRST].find((letter) => mark.includes(letter)) ?? mark.charAt(0);
}

const LONG_LENGTH = 32;
const LONG: KindSet = setOf(KINDS.filter(({ minLength = 0 }) => minLength > LONG_LENGTH));

/** The kinds that a text, or the part of it from `begin` to `end`, may contain by its characters. */
export function possibleKinds(text: string, begin = 0, end = text.length): KindSet {
  let kinds = NO_KIND;
  for (let at = begin; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 128) kinds |= MARKED_BY[code] ?? 0;
  }
  return end - begin > LONG_LENGTH ? kinds : kinds & ~LONG;
}

/** Replaces the secrets of these kinds in a text. Never throws. */
export function redactKinds(text: string, kinds: KindSet): string {
  // No replacement creates a new mark.
  const isUnknown = (kinds & SECRET_KINDS) === SECRET_KINDS;
  const possible = isUnknown && text.length <= SHORT_LENGTH ? kinds & possibleKinds(text) : kinds;
  if (possible === NO_KIND) return text;
  try {
    let rest = text;
    for (let left = possible; left !== 0; ) {
      const index = 31 - Math.clz32(left & -left);
      left &= left - 1;
      const redacted = KINDS[index]?.redact(rest) ?? rest;
      if (redacted === rest) continue;
      rest = redacted;
      left |= AFTER[index] ?? NO_KIND;
    }
    return rest;
  } catch {
    // The engine runs out of memory for a secret of several megabytes.
    return REDACTED;
  }
}

/**
 * Replaces the only secret in a short string of JSON source without escapes, from `begin` to `end`, without copying the
 * string.
 *
 * @param kinds the kinds that the string may contain
 * @returns false if more than one replacement is needed: then call `redactKinds`
 */
export function replaceInSource(
  text: string,
  begin: number,
  end: number,
  kinds: KindSet,
  edits: Edits,
): boolean {
  const index = 31 - Math.clz32(kinds);
  const kind = KINDS[index];
  if (kind?.secretAt === undefined || kinds !== 1 << index || end - begin > SHORT_LENGTH) return false;
  if ((possibleKinds(text, begin, end) & (AFTER[index] ?? ANY_KIND)) !== NO_KIND) return false;
  for (let at = text.indexOf(kind.mark, begin); at >= 0 && at < end; ) {
    const secret = kind.secretAt(text, at);
    if (secret === undefined) {
      at = text.indexOf(kind.mark, at + kind.mark.length);
      continue;
    }
    if (secret.begin < begin || secret.end > end) return false;
    const next = text.indexOf(kind.mark, secret.end);
    if (next >= 0 && next < end) return false;
    edits.replace(secret.begin, secret.end, REDACTED);
    break;
  }
  return true;
}

/**
 * Replaces the secrets in free text, such as an error message or a plain body, by `[REDACTED]`: keys of known shapes,
 * credentials after `Bearer` and `Basic`, private keys, user info of URLs and connection strings, values of secret
 * names, and header values that a client rejects. A text without secrets is returned unchanged, JSON stays JSON, and a
 * second pass changes nothing. Takes linear time and never throws.
 */
export function redactText(text: string): string {
  return redactKinds(text, SECRET_KINDS);
}

/** The kinds of secrets that the part of a JSON text from `start` to `end` may contain. */
export type Suspicion = (start: number, end: number) => KindSet;

export const NO_SUSPICION: Suspicion = () => NO_KIND;

/**
 * Returns the function that finds which secrets the strings of a JSON text may contain. The marks of secrets appear in
 * JSON source as in the strings, at any nesting depth, except for the escapes that `Strings` calls disguised. So the
 * engine searches for each mark in many strings at once.
 */
export function suspicionOf(json: string): Suspicion {
  const marks = new Marks(json);
  return (start, end) => marks.between(start, end);
}

const WINDOW = 8_192;
const LONGEST_MARK = Math.max(...KINDS.map(({ mark }) => mark.length));

class Marks {
  /** The position of the next mark of each kind, or the end of the window. */
  readonly #next: number[] = KINDS.map(() => -1);
  #first = -1;
  #window = '';
  #begin = 0;
  #end = 0;
  #from = 0;

  constructor(private readonly text: string) {}

  between(start: number, end: number): KindSet {
    let kinds = NO_KIND;
    for (let at = start; at < end; at = this.#end) {
      if (at < this.#from || at >= this.#end) this.#open(at);
      if (this.#first < at) this.#look(at);
      if (this.#first < end) kinds |= this.#marked(Math.min(end, this.#end));
    }
    return kinds;
  }

  #open(at: number): void {
    this.#begin = at;
    this.#end = Math.min(at + WINDOW, this.text.length);
    this.#window = this.text.slice(at, this.#end + LONGEST_MARK - 1);
    this.#first = -1;
    this.#next.fill(-1);
  }

  #look(from: number): void {
    this.#from = from;
    const next = this.#next;
    let first = this.#end;
    for (let index = 0; index < KINDS.length; index += 1) {
      let mark = next[index] ?? -1;
      if (mark < from) {
        mark = this.#markFrom(index, from);
        next[index] = mark;
      }
      if (mark < first) first = mark;
    }
    this.#first = first;
  }

  #markFrom(index: number, from: number): number {
    const kind = KINDS[index];
    if (kind === undefined) return this.#end;
    const { mark } = kind;
    const begin = this.#begin;
    const window = this.#window;
    for (let found = window.indexOf(mark, from - begin); found >= 0; ) {
      const at = begin + found;
      if (at >= this.#end) break;
      if (kind.isSuspect(this.text, at)) return at;
      found = window.indexOf(mark, found + mark.length);
    }
    return this.#end;
  }

  #marked(end: number): KindSet {
    const next = this.#next;
    let kinds = NO_KIND;
    for (let index = 0; index < KINDS.length; index += 1) {
      if ((next[index] ?? end) < end) kinds |= 1 << index;
    }
    return kinds;
  }
}

/**
 * Replaces a text before it is written.
 *
 * @param where the attribute name, or `span.name` or `span.status`
 */
export type Redact = (value: string, where: string) => string;

export interface OwnRules {
  readonly patterns: readonly RegExp[];
  readonly redact: Redact | undefined;
}

/**
 * Returns the function that applies the rules of the application to a text: the patterns, then `redact`. If `redact`
 * throws or returns no string, the whole value is replaced.
 */
export function ownRules({ patterns, redact }: OwnRules): Redact {
  const everywhere = patterns.map((one) => new RegExp(one.source, one.global ? one.flags : `${one.flags}g`));
  return (value, where) => {
    let text = value;
    for (const pattern of everywhere) text = text.replace(pattern, (match) => (match === '' ? '' : REDACTED));
    return redact === undefined ? text : guardedRedact(redact, text, where);
  };
}

function guardedRedact(redact: Redact, text: string, where: string): string {
  try {
    const result: unknown = redact(text, where);
    if (typeof result === 'string') return result;
    warn('redact returned no text: the value is omitted');
  } catch (error) {
    warn('redact failed: the value is omitted', error);
  }
  return REDACTED;
}
