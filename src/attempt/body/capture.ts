const FIRST_CAPACITY = 1_024;
const NOTHING = Buffer.alloc(0);

/**
 * Counts the bytes of a body and keeps a copy of the first `limitBytes`. A copy, because the application gets the same
 * Buffer and because a small view would keep a whole network buffer alive. Its buffer doubles up to the limit.
 */
export class BodyCapture {
  #size = 0;
  #captured = 0;
  #kept: Buffer = NOTHING;

  /**
   * @param limitBytes 0 to only count
   * @param budget has the memory for the copy; if it is used up, no more is kept
   */
  constructor(
    readonly limitBytes: number,
    private readonly budget?: ByteBudget,
  ) {}

  get size(): number {
    return this.#size;
  }

  get captured(): number {
    return this.#captured;
  }

  get truncated(): boolean {
    return this.#size > this.#captured;
  }

  get heldBytes(): number {
    return this.#kept.length;
  }

  /** Adds a chunk. A string is encoded as UTF-8. */
  add(chunk: Uint8Array | string): void {
    const isText = typeof chunk === 'string';
    const length = isText ? Buffer.byteLength(chunk) : chunk.byteLength;
    // Once truncated, nothing is added: a string is cut at a character, possibly before the limit.
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

  skip(bytes: number): void {
    this.#size += bytes;
  }

  /** Returns a view of the copy, valid until the next `add`. */
  bytes(): Buffer {
    return this.#kept.subarray(0, this.#captured);
  }

  release(): void {
    this.budget?.release(this.heldBytes);
    this.#kept = NOTHING;
    this.#captured = 0;
  }

  #grow(needed: number): boolean {
    if (needed <= this.#kept.length) return true;
    const capacity = Math.min(this.limitBytes, Math.max(needed, FIRST_CAPACITY, 2 * this.#kept.length));
    if (this.budget?.take(capacity - this.#kept.length) === false) return false;
    // Unpooled memory: a small capture would keep Node's shared pool alive.
    const grown = Buffer.allocUnsafeSlow(capacity);
    grown.set(this.bytes());
    this.#kept = grown;
    return true;
  }
}

/** Limits the bytes of bodies that are held at once. The budget of a run also takes from that of the process. */
export class ByteBudget {
  #held = 0;

  /** @param onRefusal called each time `take` returns false */
  constructor(
    private readonly max: number,
    private readonly onRefusal: () => void,
    private readonly parent?: ByteBudget,
  ) {}

  get held(): number {
    return this.#held;
  }

  /** Returns true if `bytes` would fit. Does not count as a refusal. */
  fits(bytes: number): boolean {
    return this.#held + bytes <= this.max && this.parent?.fits(bytes) !== false;
  }

  /** Reserves `bytes` until they are released; false if they do not fit. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.max) {
      this.onRefusal();
      return false;
    }
    if (this.parent?.take(bytes) === false) return false;
    this.#held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#held -= bytes;
    this.parent?.release(bytes);
  }
}
