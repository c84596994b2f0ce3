/**
 * How many bytes of bodies may be held at once, in one run and in all: a budget takes from the one above it.
 */
export class ByteBudget {
  #held = 0;

  /**
   * @param onRefusal called each time there is not enough left
   */
  constructor(
    private readonly max: number,
    private readonly onRefusal: () => void,
    private readonly above?: ByteBudget,
  ) {}

  get held(): number {
    return this.#held;
  }

  /** Whether so many bytes are left. To ask is no refusal. */
  fits(bytes: number): boolean {
    return this.#held + bytes <= this.max && this.above?.fits(bytes) !== false;
  }

  /** True where so many bytes were left; they are taken until they are given back. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.max) {
      this.onRefusal();
      return false;
    }
    if (this.above?.take(bytes) === false) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
    this.above?.give(bytes);
  }
}
