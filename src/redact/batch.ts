import { redactPlain } from './strings.js';

/** No secret is told by fewer characters: `k=x` is none. */
const SHORTEST = 5;

/** A line break ends all that is looked for, but a private key; the NUL makes it what no text holds. */
const SEPARATOR = '\n\0\n';

/**
 * The strings of one body, looked at all at once: looking for secrets costs about the same for one word as for
 * a page, and nearly all bodies have none.
 */
export class Batch {
  #strings: string[] = [];
  #given = 0;

  /** Takes the next string, and gives it back as it is. */
  readonly collect = (text: string): string => {
    if (text.length >= SHORTEST) this.#strings.push(text);
    return text;
  };

  /** Gives the strings without their secrets, in the order in which they were collected; asked after `redact`. */
  readonly give = (text: string): string =>
    text.length >= SHORTEST ? (this.#strings[this.#given++] ?? text) : text;

  /** Redacts what was collected, and tells whether there was any secret. */
  redact(): boolean {
    const strings = this.#strings;
    const joined = strings.join(SEPARATOR);
    const redacted = redactPlain(joined);
    if (redacted === joined) return false;
    const pieces = redacted.split(SEPARATOR);
    const aligned = pieces.length === strings.length;
    // Two strings may hold together what neither holds by itself: what has changed is looked at alone.
    this.#strings = strings.map((text, index) =>
      aligned && pieces[index] === text ? text : redactPlain(text),
    );
    return true;
  }
}
