const FIN = 0x80;
const OPCODE = 0x0f;
const TEXT = 1;
const BINARY = 2;
const PONG = 10;
/** Bits of extensions, which undici never uses for what it sends. */
const RESERVED = 0x70;
const MASKED = 0x80;
const LENGTH = 0x7f;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;
/** Bytes that are held of an incomplete frame. */
const MAX_BYTES = 1_048_576;
const NOTHING = Buffer.alloc(0);

/**
 * Reads the frames that undici writes to the socket of a WebSocket (RFC 6455, 5.2): masked, neither fragmented nor
 * compressed, with the payload in the chunk of the head or in the next one. Anything else is skipped. Never throws.
 */
export class ClientFrames {
  #held = NOTHING;

  /** @returns the payloads of the messages that are now complete, as text */
  add(chunk: Uint8Array): string[] {
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let bytes = this.#held.length === 0 ? view : Buffer.concat([this.#held, view]);
    const texts: string[] = [];
    for (let frame = frameAt(bytes); frame !== undefined; frame = frameAt(bytes)) {
      if (bytes.length < frame.end) break;
      if (frame.isMessage) texts.push(unmasked(bytes.subarray(frame.start - MASK_BYTES, frame.end)));
      bytes = bytes.subarray(frame.end);
    }
    // A copy is held: undici owns the memory of the chunk.
    const isIncomplete = bytes.length <= MAX_BYTES && beginsFrame(bytes);
    this.#held = isIncomplete && bytes.length > 0 ? Buffer.from(bytes) : NOTHING;
    return texts;
  }
}

interface Frame {
  readonly isMessage: boolean;
  readonly start: number;
  readonly end: number;
}

function beginsFrame([first, second = MASKED]: Buffer): boolean {
  if (first === undefined) return true;
  return (
    (first & FIN) !== 0 && (first & RESERVED) === 0 && (first & OPCODE) <= PONG && (second & MASKED) !== 0
  );
}

/** Returns the frame at the start of `bytes`; `undefined` if its head is incomplete or invalid. */
function frameAt(bytes: Buffer): Frame | undefined {
  const [first = 0, second] = bytes;
  if (second === undefined || !beginsFrame(bytes)) return undefined;
  const short = second & LENGTH;
  const extended = short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0;
  const start = 2 + extended + MASK_BYTES;
  if (bytes.length < start) return undefined;
  const opcode = first & OPCODE;
  return {
    isMessage: opcode === TEXT || opcode === BINARY,
    start,
    end: start + payloadLength(bytes, short, extended),
  };
}

function payloadLength(bytes: Buffer, short: number, extended: number): number {
  if (extended === 0) return short;
  return extended === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
}

function unmasked(masked: Buffer): string {
  const payload = Buffer.from(masked.subarray(MASK_BYTES));
  for (let at = 0; at < payload.length; at++)
    payload[at] = (payload[at] ?? 0) ^ (masked[at % MASK_BYTES] ?? 0);
  return payload.toString();
}
