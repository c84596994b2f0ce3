export type JsonKind = 'string' | 'number' | 'list' | 'object' | 'literal';

/** How far into a body is looked, in bytes. A member may stand behind a long conversation. */
const MAX_BYTES = 262_144;
const MAX_MEMBERS = 64;
const MAX_NAME_BYTES = 64;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** What comes next at the top level of the object. */
type Expected = 'object' | 'name' | 'colon' | 'value' | 'rest of the value';

/**
 * Reads the names of the top-level members of a JSON object, and the kinds of their values, from its bytes as they
 * arrive. Keeps nothing else of them. A name written with escapes is not recognised.
 */
export class MemberScan {
  readonly #kinds = new Map<string, JsonKind>();
  #expected: Expected = 'object';
  #read = 0;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** The bytes of the name that is being read. */
  #name: number[] | undefined;
  #lastName = '';
  #isOver = false;

  /** No more will be known: the object has ended, the text is none, or it is too long. */
  get isOver(): boolean {
    return this.#isOver;
  }

  readonly kindOf = (name: string): JsonKind | undefined => this.#kinds.get(name);

  /** Takes the next piece; a string is what it is in UTF-8. */
  add(chunk: Uint8Array | string): void {
    if (this.#isOver) return;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk.slice(0, MAX_BYTES)) : chunk;
    const end = Math.min(bytes.length, MAX_BYTES - this.#read);
    for (let at = 0; at < end && !this.#isOver; at += 1) this.#take(bytes[at] ?? 0);
    this.#read += end;
    if (this.#read >= MAX_BYTES) this.#isOver = true;
  }

  #take(byte: number): void {
    if (this.#inString) this.#takeOfString(byte);
    else if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) this.#takeToken(byte);
  }

  #takeOfString(byte: number): void {
    if (this.#isEscaped) {
      this.#isEscaped = false;
    } else if (byte === BACKSLASH) {
      this.#isEscaped = true;
    } else if (byte === QUOTE) {
      this.#inString = false;
      if (this.#name !== undefined) {
        this.#lastName = String.fromCharCode(...this.#name);
        this.#name = undefined;
      }
      return;
    }
    if (this.#name !== undefined && this.#name.length <= MAX_NAME_BYTES) this.#name.push(byte);
  }

  #takeToken(byte: number): void {
    if (this.#depth > 1 || this.#expected === 'rest of the value') this.#takeOfValue(byte);
    else if (this.#expected === 'object' && byte === 0x7b) this.#begin();
    else if (this.#expected === 'name' && byte === QUOTE) {
      this.#inString = true;
      this.#name = [];
      this.#expected = 'colon';
    } else if (this.#expected === 'colon' && byte === COLON) this.#expected = 'value';
    else if (this.#expected === 'value') this.#takeKind(byte);
    else this.#isOver = true;
  }

  #begin(): void {
    this.#depth = 1;
    this.#expected = 'name';
  }

  #takeKind(byte: number): void {
    if (this.#kinds.size < MAX_MEMBERS) this.#kinds.set(this.#lastName, kindBy(byte));
    this.#expected = 'rest of the value';
    this.#takeOfValue(byte);
  }

  #takeOfValue(byte: number): void {
    if (byte === QUOTE) this.#inString = true;
    else if (byte === 0x7b || byte === 0x5b) this.#depth += 1;
    else if (byte === 0x7d || byte === 0x5d) {
      this.#depth -= 1;
      if (this.#depth === 0) this.#isOver = true;
    } else if (byte === COMMA && this.#depth === 1) this.#expected = 'name';
  }
}

function kindBy(first: number): JsonKind {
  if (first === QUOTE) return 'string';
  if (first === 0x7b) return 'object';
  if (first === 0x5b) return 'list';
  return first === 0x2d || (first >= 0x30 && first <= 0x39) ? 'number' : 'literal';
}
