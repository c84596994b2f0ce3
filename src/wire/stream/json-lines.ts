import { MAX_EVENT_LENGTH } from './sse.js';

/**
 * Reads a stream of JSON values in lines (NDJSON) from its bytes, cut anywhere. Never throws. What it holds is bounded:
 * a line that is too long is skipped.
 */
export class JsonLinesReader {
  readonly #decoder = new TextDecoder();
  #open = '';
  #isSkipping = false;

  /** @param onLine gets each line that is not blank; what it throws is dropped */
  constructor(private readonly onLine: (event: undefined, data: string) => void) {}

  add(chunk: Uint8Array): void {
    this.#read(this.#decoder.decode(chunk, { stream: true }));
  }

  /** Nothing more comes. The last line may be without its line break. */
  end(): void {
    this.#read(`${this.#decoder.decode()}\n`);
  }

  #read(text: string): void {
    const end = text.lastIndexOf('\n');
    if (end < 0) {
      this.#hold(text);
      return;
    }
    const lines = (this.#open + text.slice(0, end)).split('\n');
    if (this.#isSkipping) lines.shift();
    this.#isSkipping = false;
    this.#open = '';
    for (const line of lines) this.#line(line);
    this.#hold(text.slice(end + 1));
  }

  #hold(text: string): void {
    if (this.#isSkipping) return;
    this.#open += text;
    if (this.#open.length <= MAX_EVENT_LENGTH) return;
    this.#open = '';
    this.#isSkipping = true;
  }

  #line(line: string): void {
    if (line.length > MAX_EVENT_LENGTH || line.trim() === '') return;
    try {
      this.onLine(undefined, line);
    } catch {
      // What reads the line is to blame; the next one may be fine.
    }
  }
}
