/** How far it is, on one line of a terminal; where nobody watches, a line now and then. */
export class Progress {
  readonly #terminal = process.stderr.isTTY;

  constructor(private readonly all: number) {}

  show(done: number, what: string): void {
    const text = `${done} of ${this.all}: ${what}`;
    if (this.#terminal) process.stderr.write(`\r\x1b[K${text}`);
    else if (done % 20 === 0) process.stderr.write(`${text}\n`);
  }

  clear(): void {
    if (this.#terminal) process.stderr.write('\r\x1b[K');
  }
}
