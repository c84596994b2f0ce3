/** One line on the terminal that says how far the benchmark is; nothing where stderr is no terminal. */
export class Progress {
  readonly #isShown = process.stderr.isTTY;

  show(text: string): void {
    if (this.#isShown) process.stderr.write(`\r\x1b[K${text}`);
  }

  clear(): void {
    if (this.#isShown) process.stderr.write('\r\x1b[K');
  }
}
