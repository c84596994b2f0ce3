/** A longer text is not held. */
const MAX_LENGTH = 4_096;
/** In more places two texts that are alike do not differ. */
const MAX_PLACES = 8;
/** Of a number that is surely read as it is written. */
const MAX_DIGITS = 15;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;

type Path = readonly (string | number)[];

/** A string or a number in which the texts that follow a JSON text differ from it. */
export interface Place {
  readonly isString: boolean;
  /** The names and indices that lead to it. */
  readonly path: Path;
  /** What it holds in the text that was compared last, without quotation marks: from `begin` up to `end`. */
  readonly begin: number;
  readonly end: number;
  /** That has escapes. */
  readonly isEscaped: boolean;
}

/** A string or a number of a JSON text. */
class Scalar implements Place {
  begin = 0;
  end = 0;
  isEscaped = false;

  constructor(
    readonly isString: boolean,
    readonly path: Path,
    /** Where its content stands in the text that it was found in. */
    readonly first: number,
    readonly last: number,
  ) {}

  /** Reads what stands in its place in a text, at `begin`, and gives where that ends; negative if it is something else. */
  read(text: string, begin: number): number {
    this.begin = begin;
    this.end = this.isString ? this.#stringEnd(text, begin) : numberEnd(text, begin);
    return this.end;
  }

  #stringEnd(text: string, begin: number): number {
    this.isEscaped = false;
    for (let at = begin; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return at;
      if (code < SPACE) return -1;
      if (code !== BACKSLASH) continue;
      this.isEscaped = true;
      at += 1;
    }
    return -1;
  }
}

/** Of a whole number that is not negative. */
function numberEnd(text: string, begin: number): number {
  let at = begin;
  for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; code = text.charCodeAt(at)) at += 1;
  const digits = at - begin;
  const isNumber = digits === 1 || (digits > 1 && digits <= MAX_DIGITS && text.charCodeAt(begin) !== ZERO);
  return isNumber ? at : -1;
}

/**
 * A JSON text that others repeat but for the contents of a few strings and numbers, as most events of a stream repeat
 * the one before. Which they are is learnt from the texts that it is compared with.
 */
export class RepeatedJson {
  /** What stands around the places: one more than there are places. */
  #constant: readonly string[];
  #places: readonly Scalar[] = [];
  #scalars: readonly Scalar[] | undefined;
  /** Where in a text the last comparison has ended. */
  #at = 0;

  private constructor(private readonly text: string) {
    this.#constant = [text];
  }

  /** @param text one whole JSON value; `undefined` where it is too long to be held */
  static of(text: string): RepeatedJson | undefined {
    return text.length <= MAX_LENGTH ? new RepeatedJson(text) : undefined;
  }

  /** In the order of the text. */
  get places(): readonly Place[] {
    return this.#places;
  }

  /**
   * Whether what stands in a text between `begin` and `end` differs in no more than what is in the places. It is JSON
   * then, if the escapes in them are some of JSON.
   */
  isRepeatedIn(text: string, begin: number, end: number): boolean {
    for (;;) {
      const differs = this.#compare(text, begin, end);
      if (differs < 0) return true;
      if (!this.#learnPlace(text, differs)) return false;
    }
  }

  /** Which of the constant parts is another; negative if none is. */
  #compare(text: string, begin: number, end: number): number {
    const constant = this.#constant;
    const places = this.#places;
    this.#at = begin;
    for (let index = 0; index < places.length; index += 1) {
      const part = constant[index] ?? '';
      if (!standsAt(text, this.#at, part)) return index;
      const placeEnd = places[index]?.read(text, this.#at + part.length) ?? -1;
      if (placeEnd < 0 || placeEnd > end) return index;
      this.#at = placeEnd;
    }
    const part = constant[places.length] ?? '';
    return this.#at + part.length === end && standsAt(text, this.#at, part) ? -1 : places.length;
  }

  /** Makes a place of the string or number in which a constant part is another. */
  #learnPlace(text: string, index: number): boolean {
    if (this.#places.length === MAX_PLACES) return false;
    const part = this.#constant[index] ?? '';
    let same = 0;
    while (same < part.length && part.charCodeAt(same) === text.charCodeAt(this.#at + same)) same += 1;
    if (same === part.length) return false;
    const at = (this.#places[index - 1]?.last ?? 0) + same;
    this.#scalars ??= scalarsOf(this.text);
    const found = this.#scalars.find(({ first, last }) => first <= at && at <= last);
    if (found === undefined || this.#places.includes(found)) return false;
    this.#places = [...this.#places, found].sort((one, other) => one.first - other.first);
    const ends = [0, ...this.#places.map(({ last }) => last)];
    this.#constant = ends.map((end, next) => this.text.slice(end, this.#places[next]?.first));
    return true;
  }
}

/** As `startsWith`, which V8 compiles to a loop over the characters; what is equal is compared by words. */
function standsAt(text: string, at: number, part: string): boolean {
  return text.slice(at, at + part.length) === part;
}

const TOKEN = /"((?:[^"\\]|\\.)*)"|[{}[\],:]|[^\s{}[\],:"]+/g;

interface Open {
  readonly names: Set<string> | undefined;
  /** Of the member or the element that comes. */
  key: string | number;
}

/** The strings and numbers of a JSON text; none where a name comes twice in an object, or is one that cannot be assigned. */
function scalarsOf(text: string): readonly Scalar[] {
  const scalars: Scalar[] = [];
  const open: Open[] = [];
  let isName = false;
  for (const { 0: token, 1: content, index } of text.matchAll(TOKEN)) {
    const inner = open.at(-1);
    if (token === '{' || token === '[') {
      open.push({ names: token === '{' ? new Set() : undefined, key: token === '{' ? '' : 0 });
      isName = token === '{';
    } else if (token === '}' || token === ']') {
      open.pop();
      isName = false;
    } else if (token === ',') {
      isName = inner?.names !== undefined;
      if (typeof inner?.key === 'number') inner.key += 1;
    } else if (token === ':') {
      isName = false;
    } else if (isName && inner !== undefined) {
      const name: string = JSON.parse(token);
      if (name === '__proto__' || inner.names?.has(name)) return [];
      inner.names?.add(name);
      inner.key = name;
    } else if (content !== undefined || /^[-\d]/.test(token)) {
      const first = content === undefined ? index : index + 1;
      const length = content?.length ?? token.length;
      const path = open.map(({ key }) => key);
      scalars.push(new Scalar(content !== undefined, path, first, first + length));
    }
  }
  return scalars;
}

/** Parses JSON texts of which most repeat the one before. */
export class RepeatedJsonParser {
  #repeated: RepeatedJson | undefined;
  #value: unknown;

  /** @returns what `JSON.parse` does, which nobody may change: parts of it are given again; `undefined` for what is no JSON */
  parse(text: string): unknown {
    try {
      const repeated = this.#repeated;
      if (repeated?.isRepeatedIn(text, 0, text.length)) {
        let value = this.#value;
        for (const place of repeated.places) value = withScalar(value, place, text);
        return value;
      }
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null) {
        this.#repeated = RepeatedJson.of(text);
        this.#value = value;
      }
      return value;
    } catch {
      return undefined;
    }
  }
}

/** A copy of the value with what stands in the place; whatever does not lead to it is the same as before. */
function withScalar(value: unknown, place: Place, text: string): unknown {
  const { path } = place;
  const root = copyOf(value);
  let parent = root;
  const last = path.length - 1;
  for (let depth = 0; depth < last; depth += 1) {
    const key = path[depth] ?? '';
    const copy = copyOf(parent[key]);
    parent[key] = copy;
    parent = copy;
  }
  parent[path[last] ?? ''] = scalarIn(place, text);
  return root;
}

/** Of a longer string a slice would keep the whole text alive. */
const SHORT_LENGTH = 12;

function scalarIn({ isString, isEscaped, begin, end }: Place, text: string): unknown {
  if (!isString) return Number(text.slice(begin, end));
  const isShort = !isEscaped && end - begin <= SHORT_LENGTH;
  return isShort ? text.slice(begin, end) : JSON.parse(text.slice(begin - 1, end + 1));
}

type Members = Record<string | number, unknown>;

function copyOf(value: unknown): Members {
  return (Array.isArray(value) ? value.slice() : { ...(value as object) }) as unknown as Members;
}
