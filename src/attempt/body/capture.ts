import type { ByteBudget } from './byte-budget.js';

const FIRST_CAPACITY = 1_024;
const NOTHING = Buffer.alloc(0);

/**
 * The beginning of a body, as its bytes go by: counts all of them and keeps a copy of the first `limitBytes`.
 * A copy, because undici hands the same Buffer on to the application, and because a small view would keep a
 * whole network buffer alive. The copy's buffer doubles up to the limit; nothing else is allocated per chunk.
 */
export class BodyCapture {
  #size = 0;
  #captured = 0;
  #kept: Buffer = NOTHING;

  /**
   * @param limitBytes 0 keeps nothing and counts all the same
   * @param budget what the memory is taken from; when it is used up, no more is kept
   */
  constructor(
    readonly limitBytes: number,
    private readonly budget?: ByteBudget,
  ) {}

  /** Bytes seen in all. */
  get size(): number {
    return this.#size;
  }

  /** Bytes kept. */
  get captured(): number {
    return this.#captured;
  }

  /** There was more than was kept. */
  get truncated(): boolean {
    return this.#size > this.#captured;
  }

  /** Bytes of memory this holds. */
  get heldBytes(): number {
    return this.#kept.length;
  }

  /** Takes the next piece; a string is what it is in UTF-8. */
  add(chunk: Uint8Array | string): void {
    const isText = typeof chunk === 'string';
    const length = isText ? Buffer.byteLength(chunk) : chunk.byteLength;
    // A string is cut behind a whole character, a little before the limit perhaps: nothing may follow it.
    const taken = this.truncated ? 0 : Math.min(length, this.limitBytes - this.#captured);
    this.#size += length;
    if (taken === 0 || !this.#grow(this.#captured + taken)) return;
    if (isText) {
      this.#captured += this.#kept.write(chunk, this.#captured, taken);
    } else {
      this.#kept.set(taken === length ? chunk : chunk.subarray(0, taken), this.#captured);
      this.#captured += taken;
    }
  }

  /** What was kept: a view, valid until the next `add`. */
  bytes(): Buffer {
    return this.#kept.subarray(0, this.#captured);
  }

  /** Gives the memory back; what was kept is gone. */
  release(): void {
    this.budget?.give(this.heldBytes);
    this.#kept = NOTHING;
    this.#captured = 0;
  }

  #grow(needed: number): boolean {
    if (needed <= this.#kept.length) return true;
    const capacity = Math.min(this.limitBytes, Math.max(needed, FIRST_CAPACITY, 2 * this.#kept.length));
    if (this.budget?.take(capacity - this.#kept.length) === false) return false;
    // "Slow" is memory of its own: Node's shared pool would stay alive with a small capture.
    const grown = Buffer.allocUnsafeSlow(capacity);
    grown.set(this.bytes());
    this.#kept = grown;
    return true;
  }
}
