import type { ByteBudget } from './byte-budget.js';

/** Of one body. */
const MAX_BYTES = 1_048_576;

/**
 * The pieces of a request's body as the client sent them: references and no copies, so that a failure can be
 * looked into and a success costs nothing but that they live on until the answer begins. A client that uses its
 * buffers again changes what is held here.
 */
export class HeldChunks {
  /** Mostly there is one: an array that is pushed to makes room for sixteen more. */
  #first: Uint8Array | string | undefined;
  #more: (Uint8Array | string)[] | undefined;
  #bytes = 0;
  #state: 'held' | 'given_up' | 'released' = 'held';

  /** @param budget what the memory is taken from; where there is not enough left, nothing is held */
  constructor(private readonly budget: ByteBudget) {}

  /** There was too much of it. */
  get isGivenUp(): boolean {
    return this.#state === 'given_up';
  }

  add(chunk: Uint8Array | string): void {
    if (this.#state !== 'held') return;
    const bytes = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength;
    const fits = this.#bytes + bytes <= MAX_BYTES && this.budget.fits(bytes) && this.budget.take(bytes);
    if (!fits) {
      this.#letGo('given_up');
      return;
    }
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#more === undefined) this.#more = [chunk];
    else this.#more.push(chunk);
    this.#bytes += bytes;
  }

  /** `undefined` where nothing is held any more. */
  text(): string | undefined {
    if (this.#state !== 'held' || this.#bytes === 0 || this.#first === undefined) return undefined;
    const bytes = [this.#first, ...(this.#more ?? [])].map((chunk) =>
      typeof chunk === 'string' ? Buffer.from(chunk) : chunk,
    );
    return Buffer.concat(bytes).toString();
  }

  /** Nobody will ask. */
  release(): void {
    if (this.#state === 'held') this.#letGo('released');
  }

  #letGo(state: 'given_up' | 'released'): void {
    this.budget.give(this.#bytes);
    this.#bytes = 0;
    this.#first = undefined;
    this.#more = undefined;
    this.#state = state;
  }
}
