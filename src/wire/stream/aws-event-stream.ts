import { lazy } from '../../loading.js';

const loadZlib = lazy(() => require('node:zlib') as typeof import('node:zlib'));

/** Total length, headers length and prelude checksum: 4 bytes each. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const MAX_HEADERS_BYTES = 131_072;
const STRING = 7;
/** Size of a header value by type. Other types have a length of two bytes. */
const VALUE_BYTES: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [1, 0],
  [2, 1],
  [3, 2],
  [4, 4],
  [5, 8],
  [8, 8],
  [9, 16],
]);
const WRAPPED = /"bytes"\s*:\s*"([A-Za-z0-9+/=]*)/;
const COLON = 0x3a;

/**
 * @param event the event type; `error` for an exception; `undefined` for a chunk of an invoke stream
 * @param data the payload; for an exception `{"error":{"type","message"}}`; for a chunk the decoded content
 * @param isCut the payload exceeds the limit, and `data` is its beginning
 */
export type OnAwsEvent = (event: string | undefined, data: string, isCut: boolean) => void;

/** Whether the bytes start like a message of an AWS event stream. The checksum may still be wrong. */
export function beginsAwsEventStream(bytes: Buffer): boolean {
  if (bytes.length < PRELUDE_BYTES) return false;
  // The name of the first header starts with a colon.
  return isPrelude(bytes) && (hasChecksum(bytes) || bytes[PRELUDE_BYTES + 1] === COLON);
}

/** A reusable buffer that doubles as needed. */
class JoinedBytes {
  length = 0;
  #memory = Buffer.alloc(0);

  /** A view, valid until the next `add`. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.length);
  }

  add(bytes: Buffer): void {
    const needed = this.length + bytes.length;
    if (needed > this.#memory.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#memory.length, 256));
      this.bytes.copy(grown);
      this.#memory = grown;
    }
    bytes.copy(this.#memory, this.length);
    this.length = needed;
  }

  clear(): void {
    this.length = 0;
  }
}

/**
 * Parses an AWS event stream (`application/vnd.amazon.eventstream`) from chunks. Checks both checksums of each
 * message. Buffers the headers and the beginning of one payload. Never throws.
 */
export class AwsEventStreamReader {
  /** Why the rest of the stream cannot be read. */
  broken: string | undefined;
  /** The prelude and headers of the current message. */
  readonly #head = new JoinedBytes();
  #headBytes = PRELUDE_BYTES;
  readonly #payload = new JoinedBytes();
  readonly #end = new JoinedBytes();
  /** The remaining bytes of the payload; `undefined` until the headers are complete. */
  #left: number | undefined;
  #isCut = false;
  #checksum = 0;

  /** @param maxPayloadBytes the maximum number of bytes kept of a payload */
  constructor(
    private readonly onEvent: OnAwsEvent,
    private readonly maxPayloadBytes: number,
  ) {}

  get isWhole(): boolean {
    return this.broken === undefined && this.#head.length === 0;
  }

  add(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < bytes.length && this.broken === undefined; ) at += this.#take(bytes.subarray(at));
  }

  /** Consumes bytes for the current part of the message and returns their number. */
  #take(bytes: Buffer): number {
    if (this.#left === undefined) {
      const taken = bytes.subarray(0, this.#headBytes - this.#head.length);
      this.#head.add(taken);
      if (this.#head.length === this.#headBytes) this.#readHead(this.#head.bytes);
      return taken.length;
    }
    if (this.#left > 0) {
      const taken = bytes.subarray(0, this.#left);
      this.#left -= taken.length;
      this.#checksum = loadZlib().crc32(taken, this.#checksum);
      const room = this.maxPayloadBytes - this.#payload.length;
      this.#payload.add(taken.subarray(0, room));
      this.#isCut ||= taken.length > room;
      return taken.length;
    }
    const taken = bytes.subarray(0, CHECKSUM_BYTES - this.#end.length);
    this.#end.add(taken);
    if (this.#end.length === CHECKSUM_BYTES) this.#readMessage();
    return taken.length;
  }

  #readHead(head: Buffer): void {
    if (head.length === PRELUDE_BYTES) {
      if (!isPrelude(head)) this.broken = 'a message of the event stream has impossible lengths';
      else if (!hasChecksum(head)) this.broken = WRONG_CHECKSUM;
      else this.#headBytes += head.readUInt32BE(4);
      if (this.broken !== undefined || this.#headBytes > PRELUDE_BYTES) return;
    }
    this.#left = head.readUInt32BE(0) - head.length - CHECKSUM_BYTES;
    this.#checksum = loadZlib().crc32(head);
  }

  #readMessage(): void {
    if (this.#end.bytes.readUInt32BE(0) === this.#checksum) this.#report();
    else this.broken = WRONG_CHECKSUM;
    for (const bytes of [this.#head, this.#payload, this.#end]) bytes.clear();
    this.#headBytes = PRELUDE_BYTES;
    this.#left = undefined;
    this.#isCut = false;
  }

  #report(): void {
    const headers = readHeaders(this.#head.bytes.subarray(PRELUDE_BYTES));
    const payload = this.#payload.bytes.toString();
    const type = headers.get(':message-type');
    const event = headers.get(':event-type');
    if (type === 'exception') this.#error(headers.get(':exception-type'), messageIn(payload));
    else if (type === 'error') this.#error(headers.get(':error-code'), headers.get(':error-message'));
    else if (event === 'chunk') this.onEvent(undefined, unwrapped(payload), this.#isCut);
    else this.onEvent(event, payload, this.#isCut);
  }

  #error(type = 'exception', message = type): void {
    this.onEvent('error', JSON.stringify({ error: { type, message } }), false);
  }
}

const WRONG_CHECKSUM = 'a message of the event stream has a wrong checksum';

function isPrelude(bytes: Buffer): boolean {
  const headers = bytes.readUInt32BE(4);
  return headers <= MAX_HEADERS_BYTES && bytes.readUInt32BE(0) >= PRELUDE_BYTES + headers + CHECKSUM_BYTES;
}

function hasChecksum(prelude: Buffer): boolean {
  return prelude.readUInt32BE(8) === loadZlib().crc32(prelude.subarray(0, 8));
}

/** Reads the string headers, up to the first malformed one. */
function readHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + (bytes[at] ?? 0);
    const type = bytes[nameEnd];
    if (type === undefined) break;
    const fixed = VALUE_BYTES.get(type);
    const start = nameEnd + (fixed === undefined ? 3 : 1);
    if (start > bytes.length) break;
    const end = start + (fixed ?? bytes.readUInt16BE(nameEnd + 1));
    if (type === STRING)
      headers.set(bytes.toString('latin1', at + 1, nameEnd), bytes.toString('utf8', start, end));
    at = end;
  }
  return headers;
}

/** Chunks of an invoke stream are base64-encoded. */
function unwrapped(payload: string): string {
  const wrapped = WRAPPED.exec(payload)?.[1];
  return wrapped === undefined ? payload : Buffer.from(wrapped, 'base64').toString();
}

function messageIn(payload: string): string | undefined {
  try {
    const { message, Message } = JSON.parse(payload);
    const text: unknown = message ?? Message ?? payload;
    return String(text) || undefined;
  } catch {
    return payload || undefined;
  }
}
