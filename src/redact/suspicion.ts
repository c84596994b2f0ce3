import { ANY_KIND, KINDS, type KindSet, NO_KIND, SUSPECTED } from './text.js';

/** So much is looked at at once; beyond, a string that nobody asks about is passed over. */
const WINDOW = 8_192;
const LONGEST_MARK = Math.max(...KINDS.map(({ mark }) => mark.length));

/**
 * Which kinds of secrets may stand in a string that lies between the two in JSON as it is written: all that do, and
 * perhaps one that does not.
 */
export type Suspicion = (start: number, end: number) => KindSet;

export const NO_SUSPICION: Suspicion = () => NO_KIND;

/**
 * Tells which secrets the strings of some JSON may hold. Their marks stand in JSON as it is written where they
 * stand in the string that it is, and in JSON in that string: no escape hides them but one that `Strings` calls
 * disguised. So they are looked for in many strings at once, each by the engine's own search, which costs about the
 * same for a word as for a page.
 */
export function suspicionOf(json: string): Suspicion {
  const marks = new Marks(json);
  return (start, end) => marks.between(start, end);
}

class Marks {
  /** Of each kind, where the next mark is; the end of the window where there is none. */
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

  /** The kinds whose next mark stands before `end`. */
  #marked(end: number): KindSet {
    const next = this.#next;
    let kinds = NO_KIND;
    for (let index = 0; index < KINDS.length; index += 1) {
      if ((next[index] ?? end) < end) kinds |= SUSPECTED[index] ?? ANY_KIND;
    }
    return kinds;
  }
}
