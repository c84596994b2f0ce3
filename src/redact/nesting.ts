/** Which brackets are open: bodies may be nested as deep as they are long. */
export class Nesting {
  /** Of each, whether it is that of an object. */
  readonly #open: boolean[] = [];

  get depth(): number {
    return this.#open.length;
  }

  /** Whether the innermost open bracket is that of an object. */
  get inObject(): boolean {
    return this.#open.at(-1) === true;
  }

  open(isObject: boolean): void {
    this.#open.push(isObject);
  }

  close(): void {
    this.#open.pop();
  }
}
