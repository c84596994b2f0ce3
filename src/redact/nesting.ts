const FIRST_DEPTH = 64;

/** Which brackets are open, a byte each: bodies may be nested as deep as they are long. */
export class Nesting {
  #brackets = new Uint8Array(FIRST_DEPTH);
  #depth = 0;

  get depth(): number {
    return this.#depth;
  }

  /** Whether the innermost open bracket is that of an object. */
  get inObject(): boolean {
    return this.#depth > 0 && this.#brackets[this.#depth - 1] === 1;
  }

  open(isObject: boolean): void {
    if (this.#depth === this.#brackets.length) {
      const brackets = new Uint8Array(2 * this.#depth);
      brackets.set(this.#brackets);
      this.#brackets = brackets;
    }
    this.#brackets[this.#depth] = isObject ? 1 : 0;
    this.#depth += 1;
  }

  close(): void {
    this.#depth -= 1;
  }
}
