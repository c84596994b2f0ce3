import { MalformedError } from './otlp-span.js';

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

const TEXT = new TextDecoder();

/**
 * Reads the types of the Protocol Buffers wire format that OTLP uses. After {@link ProtobufReader.next}, call the
 * method of the field's type or `skip`.
 *
 * @throws MalformedError for truncated input or an unexpected wire type
 */
export class ProtobufReader {
  readonly #view: DataView;
  #at = 0;
  #wireType = VARINT;

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Returns the number of the next field, or 0 at the end. */
  next(): number {
    if (this.#at >= this.bytes.length) return 0;
    const tag = Number(this.#varint());
    this.#wireType = tag & 7;
    const field = Math.floor(tag / 8);
    if (field === 0) throw new MalformedError('a field has the number 0');
    return field;
  }

  /** Reads an unsigned 32-bit number, an enum or a boolean. */
  uint(): number {
    this.#expect(VARINT);
    return Number(this.#varint() & 0xffff_ffffn);
  }

  int64(): bigint {
    this.#expect(VARINT);
    return BigInt.asIntN(64, this.#varint());
  }

  fixed64(): bigint {
    this.#expect(FIXED_64);
    return this.#view.getBigUint64(this.#take(8), true);
  }

  double(): number {
    this.#expect(FIXED_64);
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** Returns a view of the input. */
  byteString(): Uint8Array {
    this.#expect(BYTES);
    const length = Number(this.#varint());
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  text(): string {
    return TEXT.decode(this.byteString());
  }

  message(): ProtobufReader {
    return new ProtobufReader(this.byteString());
  }

  hex(): string {
    const { buffer, byteOffset, byteLength } = this.byteString();
    return Buffer.from(buffer, byteOffset, byteLength).toString('hex');
  }

  skip(): void {
    if (this.#wireType === VARINT) this.#varint();
    else if (this.#wireType === FIXED_64) this.#take(8);
    else if (this.#wireType === FIXED_32) this.#take(4);
    else this.byteString();
  }

  #varint(): bigint {
    let low = 0;
    // 49 bits fit into a number, which is faster than a bigint.
    for (let factor = 1; factor < 2 ** 49; factor *= 0x80) {
      const byte = this.#byte();
      low += (byte & 0x7f) * factor;
      if (byte < 0x80) return BigInt(low);
    }
    return this.#longVarint(BigInt(low));
  }

  #longVarint(low: bigint): bigint {
    let value = low;
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new MalformedError('a number is too long');
  }

  #byte(): number {
    const byte = this.bytes[this.#at++];
    if (byte === undefined) throw new MalformedError('the message is cut off');
    return byte;
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType)
      throw new MalformedError(`a field has wire type ${this.#wireType}, expected ${wireType}`);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.bytes.length - at) throw new MalformedError('the message is cut off');
    this.#at += length;
    return at;
  }
}
