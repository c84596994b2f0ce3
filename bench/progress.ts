/** One line on the terminal that says how far the bench is; nothing where nobody watches. */
export class Progress {
  readonly #shown = process.stderr.isTTY;

  show(what: string, done: number, all: number): void {
    if (this.#shown) process.stderr.write(`\r\x1b[K${what}: round ${Math.min(done + 1, all)} of ${all}`);
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K');
  }
}
