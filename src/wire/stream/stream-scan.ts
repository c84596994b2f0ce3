import type { StreamSigns } from '../format.js';
import { asObject, asText, parsed } from '../json/json.js';
import { type CompiledSigns, compiledSigns } from './compiled-signs.js';
import { BLANK_LINE, SseReader } from './sse.js';

/** What is held of a stream; of a long one it is the last half of this at least. */
export const TAIL_BYTES = 2_048;

/** What is kept from the error event on: as much as the classifier reads ("Detail" in the reference). */
export const ERROR_BYTES = 65_536;

const HALF = TAIL_BYTES / 2;
const NOTHING = Buffer.alloc(0);

/**
 * Looks for the signs of a format in a stream that is not parsed, cut anywhere. A chunk is only copied into the
 * tail, which is searched when it is full and when somebody asks: by one pattern for all signs, since a
 * `Buffer.indexOf` for each of a dozen costs several times that.
 */
export class StreamScan {
  readonly #signs: CompiledSigns;
  #tail = NOTHING;
  #length = 0;
  /** How much of the tail has been searched. */
  #searched = 0;
  /** The stream's beginning is still in the tail. */
  #fromStart = true;
  #terminated = false;
  #failed = false;
  #error = NOTHING;
  #errorIsWhole = false;

  /**
   * @param signs found wherever they stand; one that begins with a line break at the beginning of the stream too
   */
  constructor(signs: StreamSigns) {
    this.#signs = compiledSigns(signs);
  }

  /** Takes the next piece and keeps none of its memory. */
  add(chunk: Uint8Array): void {
    if (this.#tail === NOTHING) this.#begin();
    let rest = chunk;
    while (this.#length + rest.length >= TAIL_BYTES) {
      const room = TAIL_BYTES - this.#length;
      this.#append(rest.subarray(0, room));
      this.#makeRoom();
      rest = rest.subarray(room);
    }
    this.#append(rest);
  }

  /** The event that ends a stream of this format has come. */
  get terminated(): boolean {
    this.#search();
    return this.#terminated;
  }

  /** An error event has come. */
  get failed(): boolean {
    this.#search();
    return this.#failed;
  }

  /**
   * The data of the first error event, as far as they came and are kept. Where the tail does not reach back to
   * its beginning, what there is of its text. `undefined` where none came, or one without data.
   */
  error(): string | undefined {
    if (!this.failed) return undefined;
    const [event = ''] = this.#error.toString().split(BLANK_LINE, 1);
    return this.#errorIsWhole ? lastEventIn(Buffer.from(`${event}\n\n`))?.data : event;
  }

  /**
   * The name of the last event: its `event:` field, else what its data give as `type` or `object`, or `[DONE]`.
   * `undefined` where it has none, or none that the tail still holds.
   */
  lastEvent(): string | undefined {
    const last = lastEventIn(this.#wholeLines());
    return last?.name ?? nameIn(last?.data);
  }

  #begin(): void {
    this.#tail = Buffer.allocUnsafeSlow(TAIL_BYTES);
    // What stands at the beginning of the stream stands at the beginning of a line.
    this.#append(Buffer.from('\n'));
  }

  #append(bytes: Uint8Array): void {
    this.#tail.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #makeRoom(): void {
    this.#search();
    this.#tail.copyWithin(0, HALF);
    this.#length = HALF;
    this.#searched = HALF;
    this.#fromStart = false;
  }

  #search(): void {
    const searched = this.#searched;
    if (searched === this.#length) return;
    this.#searched = this.#length;
    const { error, terminal, maxLength } = this.#signs;
    const from = Math.max(0, searched - maxLength + 1);
    const text = this.#text(from, this.#length);
    this.#terminated ||= terminal.test(text);
    if (this.#failed) {
      this.#keep(searched);
      return;
    }
    const at = text.search(error);
    if (at >= 0) this.#fail(from + at);
  }

  #fail(signAt: number): void {
    this.#failed = true;
    const start = this.#eventStart(signAt);
    this.#errorIsWhole = start > 0;
    this.#keep(start);
  }

  /** Where in the tail the event around this place begins; 0 where it began before. */
  #eventStart(place: number): number {
    let start = this.#fromStart ? 1 : 0;
    for (const blank of this.#text(0, this.#length).matchAll(new RegExp(BLANK_LINE, 'g'))) {
      if (blank.index > place) break;
      start = blank.index + blank[0].length;
    }
    return start;
  }

  #keep(from: number): void {
    if (this.#error.length === ERROR_BYTES) return;
    const more = this.#tail.subarray(from, this.#length);
    this.#error = Buffer.concat([this.#error, more]).subarray(0, ERROR_BYTES);
  }

  /** The tail, without what is left of a line that began before it. */
  #wholeLines(): Buffer {
    const start = this.#fromStart ? 0 : this.#text(0, this.#length).search(/[\r\n]/);
    return start < 0 ? NOTHING : this.#tail.subarray(start + 1, this.#length);
  }

  #text(from: number, to: number): string {
    return this.#tail.toString('latin1', from, to);
  }
}

interface LastEvent {
  readonly name: string | undefined;
  readonly data: string;
}

function lastEventIn(bytes: Uint8Array): LastEvent | undefined {
  let last: LastEvent | undefined;
  const reader = new SseReader((name, data) => {
    last = { name, data };
  });
  reader.add(bytes);
  reader.end();
  return last;
}

function nameIn(data: string | undefined): string | undefined {
  if (data === undefined || data === '[DONE]') return data;
  const members = asObject(parsed(data));
  return asText(members?.['type']) ?? asText(members?.['object']);
}
