import type { ByteBudget } from './capture.js';

/** Maximum bytes held of one request body. */
export const MAX_HELD_BYTES = 1_048_576;

/** Upper bound of the comment that replaces the middle of an event stream. */
const MARK_BYTES = 64;

/**
 * Headers and response of an exchange in errors capture, held by reference until the exchange succeeds. The request's
 * body is `Attempt.heldRequest`.
 */
export class FailureContent {
  requestHeaders: unknown;
  responseHeaders: unknown;
  readonly response: HeldEnds;

  /**
   * @param limitBytes bytes of each body that are written
   * @param budget has the memory for it
   */
  constructor(
    readonly limitBytes: number,
    budget: ByteBudget,
  ) {
    this.response = new HeldEnds(Math.max(0, Math.floor(limitBytes / 2) - MARK_BYTES), budget);
  }

  release(): void {
    this.response.release();
  }
}

export interface HeadAndTail {
  readonly head: Buffer;
  readonly skippedBytes: number;
  readonly tail: Buffer;
}

/**
 * The head and tail of a body, as references to its chunks, so that the body of a success is released without a copy.
 */
export class HeldEnds {
  #head: Uint8Array[] = [];
  #headBytes = 0;
  #isHeadOver = false;
  #tail: Uint8Array[] = [];
  #tailBytes = 0;
  #size = 0;

  /**
   * @param limitBytes bytes that are held at each end
   * @param budget has the memory for it; a chunk that does not fit is not held, nor is the tail before it
   */
  constructor(
    private readonly limitBytes: number,
    private readonly budget: ByteBudget,
  ) {}

  add(chunk: Uint8Array): void {
    this.#size += chunk.byteLength;
    const toHead = this.#isHeadOver ? 0 : Math.min(chunk.byteLength, this.limitBytes - this.#headBytes);
    this.#isHeadOver ||= toHead < chunk.byteLength || !this.budget.fits(toHead);
    if (toHead > 0 && this.#hold(this.#head, toHead === chunk.byteLength ? chunk : chunk.subarray(0, toHead)))
      this.#headBytes += toHead;
    if (toHead < chunk.byteLength) this.#addToTail(toHead === 0 ? chunk : chunk.subarray(toHead));
  }

  read(): HeadAndTail {
    const chunks = Buffer.concat(this.#tail);
    const tail = chunks.subarray(Math.max(0, chunks.length - this.limitBytes));
    const skippedBytes = this.#size - this.#headBytes - tail.length;
    return { head: Buffer.concat(this.#head), skippedBytes, tail };
  }

  release(): void {
    this.budget.release(this.#headBytes + this.#tailBytes);
    this.#headBytes = 0;
    this.#tailBytes = 0;
    this.#head = [];
    this.#tail = [];
  }

  #hold(held: Uint8Array[], chunk: Uint8Array): boolean {
    if (!this.budget.fits(chunk.byteLength) || !this.budget.take(chunk.byteLength)) return false;
    held.push(chunk);
    return true;
  }

  #addToTail(chunk: Uint8Array): void {
    const last = chunk.byteLength > this.limitBytes ? chunk.subarray(-this.limitBytes) : chunk;
    const room = this.limitBytes - last.byteLength;
    this.#dropFromTail((first) => this.#tailBytes - first.byteLength >= room);
    if (this.#hold(this.#tail, last)) this.#tailBytes += last.byteLength;
    else this.#dropFromTail(() => true);
  }

  #dropFromTail(isDropped: (first: Uint8Array) => boolean): void {
    for (let [first] = this.#tail; first !== undefined && isDropped(first); [first] = this.#tail) {
      this.#tail.shift();
      this.#tailBytes -= first.byteLength;
      this.budget.release(first.byteLength);
    }
  }
}

/**
 * The chunks of a request's body as the client sent them: references, not copies, so that a success costs only their
 * lifetime until the response begins. A client that reuses its buffers overwrites them.
 */
export class HeldChunks {
  /** Usually there is only one chunk: no array is allocated for it. */
  #first: Uint8Array | string | undefined;
  #more: (Uint8Array | string)[] | undefined;
  #bytes = 0;
  #state: 'held' | 'over_limit' | 'released' = 'held';

  /** @param budget has the memory for it; if a chunk does not fit, nothing is held */
  constructor(private readonly budget: ByteBudget) {}

  get isHeld(): boolean {
    return this.#bytes > 0;
  }

  get isOverLimit(): boolean {
    return this.#state === 'over_limit';
  }

  add(chunk: Uint8Array | string): void {
    if (this.#state !== 'held') return;
    const bytes = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength;
    const fits = this.#bytes + bytes <= MAX_HELD_BYTES && this.budget.fits(bytes) && this.budget.take(bytes);
    if (!fits) {
      this.#drop('over_limit');
      return;
    }
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#more === undefined) this.#more = [chunk];
    else this.#more.push(chunk);
    this.#bytes += bytes;
  }

  get chunks(): readonly (Uint8Array | string)[] {
    return this.#first === undefined ? [] : [this.#first, ...(this.#more ?? [])];
  }

  text(): string | undefined {
    if (this.#state !== 'held' || this.#bytes === 0) return undefined;
    const bytes = this.chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
    return Buffer.concat(bytes).toString();
  }

  release(): void {
    if (this.#state === 'held') this.#drop('released');
  }

  #drop(state: 'over_limit' | 'released'): void {
    this.budget.release(this.#bytes);
    this.#bytes = 0;
    this.#first = undefined;
    this.#more = undefined;
    this.#state = state;
  }
}
