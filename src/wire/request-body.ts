import { lazy } from '../loading.js';
import { asText, parsed } from './json/json.js';

/** Loaded with the first body that is compared. */
const loadZlib = lazy(() => require('node:zlib') as typeof import('node:zlib'));

/** The first MiB is checked in full, the rest in one window per stride: 1.5 MB of a body of 30 MB. */
const FULLY_CHECKED_BYTES = 1_048_576;
const STRIDE_BYTES = 65_536;
const WINDOW_BYTES = 1_024;

/**
 * Compares request bodies by length and CRC-32, independent of their chunks. A difference in length or within the
 * first MiB is detected, apart from CRC collisions (2^-32). After the first MiB only windows count, which bounds the
 * cost of large bodies.
 */
export class BodyFingerprint {
  #size = 0;
  #checksum = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds the next chunk; strings count as UTF-8. */
  add(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const start = this.#size;
    const end = start + bytes.length;
    let position = start;
    while (position < end) {
      const whole = position < FULLY_CHECKED_BYTES;
      const window = whole ? 0 : position - (position % STRIDE_BYTES);
      const windowEnd = Math.min(window + (whole ? FULLY_CHECKED_BYTES : WINDOW_BYTES), end);
      if (position < windowEnd) {
        this.#checksum = loadZlib().crc32(
          bytes.subarray(position - start, windowEnd - start),
          this.#checksum,
        );
      }
      position = window + (whole ? FULLY_CHECKED_BYTES : STRIDE_BYTES);
    }
    this.#size = end;
  }

  /** Whether the checked bytes of both bodies are equal. */
  equals(other: BodyFingerprint): boolean {
    return this.#size === other.#size && this.#checksum === other.#checksum;
  }
}

export type JsonKind = 'string' | 'number' | 'list' | 'object' | 'literal';

/** The maximum number of bytes scanned. A member may follow a long conversation. */
const MAX_BYTES = 262_144;
const MAX_MEMBERS = 64;
const MAX_NAME_BYTES = 64;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** The next expected token at the top level of the object. */
type Expected = 'object' | 'name' | 'colon' | 'value' | 'rest of the value';

/**
 * Reads the names and value kinds of the top-level members of a JSON object, from its bytes as they arrive. Keeps no
 * values. Does not recognise names with escapes.
 */
export class MemberScan {
  readonly #kinds = new Map<string, JsonKind>();
  #expected: Expected = 'object';
  #read = 0;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #name: number[] | undefined;
  #lastName = '';
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  readonly kindOf = (name: string): JsonKind | undefined => this.#kinds.get(name);

  /** Adds the next chunk; strings count as UTF-8. */
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
    else if (!isSpace(byte)) this.#takeToken(byte);
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
    else if (this.#expected === 'object' && byte === OPEN_OBJECT) this.#begin();
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
    if (this.#kinds.size < MAX_MEMBERS) this.#kinds.set(this.#lastName, kindByFirstByte(byte));
    this.#expected = 'rest of the value';
    this.#takeOfValue(byte);
  }

  #takeOfValue(byte: number): void {
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      this.#depth -= 1;
      if (this.#depth === 0) this.#isOver = true;
    } else if (byte === COMMA && this.#depth === 1) this.#expected = 'name';
  }
}

function kindByFirstByte(first: number): JsonKind {
  if (first === QUOTE) return 'string';
  if (first === OPEN_OBJECT) return 'object';
  if (first === OPEN_LIST) return 'list';
  return first === 0x2d || (first >= 0x30 && first <= 0x39) ? 'number' : 'literal';
}

/** The maximum number of bytes searched. Clients write `model` near the beginning or after all messages. */
export const HEAD_BYTES = 1_024;

const MODEL = Buffer.from('"model"');
/** Characters that need `JSON.parse`. */
const NEEDS_PARSING = /[\\\p{Cc}]/u;

/**
 * Returns the top-level member `model` of a JSON object from its first bytes, without parsing. Returns `undefined` if
 * it is absent, not a string or not within the first `HEAD_BYTES`. Does not recognise a key with escapes.
 */
export function modelIn(bytes: Uint8Array): string | undefined {
  const end = Math.min(bytes.length, HEAD_BYTES);
  let at = skipSpace(bytes, 0, end);
  if (bytes[at] !== OPEN_OBJECT) return undefined;
  let depth = 0;
  while (at < end) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const after = skipString(bytes, at, end);
      const next = skipSpace(bytes, after, end);
      // A string followed by a colon is a key.
      if (depth === 1 && bytes[next] === COLON && isModel(bytes, at, after)) {
        return stringAt(bytes, skipSpace(bytes, next + 1, end), end);
      }
      at = next;
      continue;
    }
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
    else if ((byte === CLOSE_OBJECT || byte === CLOSE_LIST) && --depth === 0) return undefined;
    at++;
  }
  return undefined;
}

let lastHead = Buffer.alloc(0);
let lastModel: string | undefined;

/** Returns the model in the first chunk of a request's body, without parsing it. */
export function modelAtHead(first: Uint8Array | string): string | undefined {
  const chunk = typeof first === 'string' ? Buffer.from(first.slice(0, HEAD_BYTES)) : first;
  const { length } = lastHead;
  if (length > 0 && chunk.length >= length && lastHead.compare(chunk, 0, length) === 0) return lastModel;
  const model = modelIn(chunk);
  const end = model === undefined ? -1 : endOfModel(chunk, model);
  lastHead = Buffer.from(chunk.subarray(0, Math.max(0, end)));
  lastModel = model;
  return model;
}

function endOfModel(chunk: Uint8Array, model: string): number {
  const start = `{"model":"${model}"`;
  const bytes = Buffer.from(start);
  return chunk.length > bytes.length && bytes.compare(chunk, 0, bytes.length) === 0 ? bytes.length : -1;
}

function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(bytes[at])) at++;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Returns the index after the string that starts at `from`; beyond `end` if the string is not closed. */
function skipString(bytes: Uint8Array, from: number, end: number): number {
  let at = from + 1;
  while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

function isModel(bytes: Uint8Array, from: number, after: number): boolean {
  if (after - from !== MODEL.length) return false;
  for (let index = 0; index < MODEL.length; index += 1)
    if (bytes[from + index] !== MODEL[index]) return false;
  return true;
}

function stringAt(bytes: Uint8Array, from: number, end: number): string | undefined {
  if (bytes[from] !== QUOTE) return undefined;
  const after = skipString(bytes, from, end);
  if (after > end) return undefined;
  const { buffer, byteOffset } = bytes;
  const string = Buffer.from(buffer, byteOffset + from, after - from).toString();
  return NEEDS_PARSING.test(string) ? asText(parsed(string)) : string.slice(1, -1);
}
