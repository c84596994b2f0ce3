/** Longer texts are parsed without a template. */
const MAX_LENGTH = 4_096;
/** More differing places than this make a new template. */
const MAX_PLACES = 8;
/** Integers up to this length are exact. */
const MAX_DIGITS = 15;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;

type Path = readonly (string | number)[];

/** A string or number whose value varies between texts. */
export interface Place {
  readonly isString: boolean;
  /** Names and indices of the path to it. */
  readonly path: Path;
  /** Its value in the last text, without quotation marks: from `begin` to `end`. */
  readonly begin: number;
  readonly end: number;
  readonly isEscaped: boolean;
}

class Scalar implements Place {
  begin = 0;
  end = 0;
  isEscaped = false;

  constructor(
    readonly isString: boolean,
    readonly path: Path,
    /** Position of its value in the text. */
    readonly first: number,
    readonly last: number,
  ) {}

  /** Reads the value at `begin` and returns its end, or a negative number if it is of another type. */
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

/** A non-negative integer. */
function numberEnd(text: string, begin: number): number {
  let at = begin;
  for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; code = text.charCodeAt(at)) at += 1;
  const digits = at - begin;
  const isNumber = digits === 1 || (digits > 1 && digits <= MAX_DIGITS && text.charCodeAt(begin) !== ZERO);
  return isNumber ? at : -1;
}

/**
 * A template of JSON texts that differ in a few strings and numbers only, like most events of a stream. Learns the
 * places from the texts that it is compared with.
 */
export class RepeatedJson {
  /** The constant parts around the places. */
  #constant: readonly string[];
  #places: readonly Scalar[] = [];
  #scalars: readonly Scalar[] | undefined;
  /** Where the last comparison ended. */
  #at = 0;

  private constructor(private readonly text: string) {
    this.#constant = [text];
  }

  /** @param text a complete JSON value, or `undefined` if it is too long */
  static of(text: string): RepeatedJson | undefined {
    return text.length <= MAX_LENGTH ? new RepeatedJson(text) : undefined;
  }

  get places(): readonly Place[] {
    return this.#places;
  }

  /**
   * Whether the text from `begin` to `end` matches the template. It is valid JSON then if the escapes in its places
   * are.
   */
  isRepeatedIn(text: string, begin: number, end: number): boolean {
    for (;;) {
      const differs = this.#compare(text, begin, end);
      if (differs < 0) return true;
      if (!this.#learnPlace(text, differs)) return false;
    }
  }

  /** Returns the index of the first constant part that differs, or a negative number. */
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

  /** Turns the string or number in which a constant part differs into a place. */
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

/** Faster than `startsWith`, which V8 compiles to a loop over characters. */
function standsAt(text: string, at: number, part: string): boolean {
  return text.slice(at, at + part.length) === part;
}

const TOKEN = /"((?:[^"\\]|\\.)*)"|[{}[\],:]|[^\s{}[\],:"]+/g;

interface Open {
  readonly names: Set<string> | undefined;
  /** The name or index of the next member. */
  key: string | number;
}

/**
 * Returns the strings and numbers of a JSON text. Returns none if an object repeats a name or has a name that cannot
 * be assigned.
 */
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

/** Parses JSON texts that mostly repeat the previous one. */
export class RepeatedJsonParser {
  #repeated: RepeatedJson | undefined;
  #value: unknown;

  /** @returns the parsed value, or `undefined` for invalid JSON. Do not modify it: results share parts. */
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

/** Returns a copy of the value with the place replaced. Shares everything outside the path. */
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

/** A longer slice would keep the whole text alive. */
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
