import { lazily } from '../loading.js';

/** Loaded with the first body that is compared. */
const loadZlib = lazily(() => require('node:zlib') as typeof import('node:zlib'));

/** Of the beginning, all bytes are looked at; behind it a window in each stride. 30 MB come to 1.5 MB looked at. */
const WHOLE_BYTES = 1_048_576;
const STRIDE_BYTES = 65_536;
const WINDOW_BYTES = 1_024;

/**
 * Tells whether two request bodies are the same, by their lengths and a checksum; how a body is cut into chunks
 * makes no difference. Bodies that differ in length are always told apart, others within the first MiB but for
 * a chance of 2^-32. Behind it only what lies in a window counts, so that the cost of a body with files in it
 * stays bounded.
 */
export class BodyFingerprint {
  #size = 0;
  #checksum = 0;

  /** Bytes seen in all. */
  get size(): number {
    return this.#size;
  }

  /** Takes the next piece; a string is what it is in UTF-8. */
  add(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const start = this.#size;
    const end = start + bytes.length;
    let position = start;
    while (position < end) {
      const whole = position < WHOLE_BYTES;
      const window = whole ? 0 : position - (position % STRIDE_BYTES);
      const windowEnd = Math.min(window + (whole ? WHOLE_BYTES : WINDOW_BYTES), end);
      if (position < windowEnd) {
        this.#checksum = loadZlib().crc32(
          bytes.subarray(position - start, windowEnd - start),
          this.#checksum,
        );
      }
      position = window + (whole ? WHOLE_BYTES : STRIDE_BYTES);
    }
    this.#size = end;
  }

  /** True where both were fed the same bytes, as far as is looked. */
  equals(other: BodyFingerprint): boolean {
    return this.#size === other.#size && this.#checksum === other.#checksum;
  }
}
