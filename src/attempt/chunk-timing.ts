/**
 * Measures the silence of a provider. Counts ticks as well as time, so that time in which the process was frozen or
 * busy does not count as silence.
 */
export class Silence {
  #heardAt: number | undefined;
  #silentMillis = 0;
  #isReported = false;

  /** @param limitMillis the longest silence that is not too long; 0 for no limit */
  constructor(private readonly limitMillis: number) {}

  /**
   * Called at each tick.
   *
   * @param heardAt when the provider was last heard; `undefined` if the request has not been sent yet
   * @param isResponse whether a response has begun, whose silence is reported
   * @returns true once, when the silence has become too long
   */
  count(heardAt: number | undefined, now: number, tickMillis: number, isResponse: boolean): boolean {
    if (heardAt !== this.#heardAt) {
      this.#heardAt = heardAt;
      this.#silentMillis = 0;
    } else this.#silentMillis += tickMillis;
    if (!isResponse || this.#isReported || !this.isTooLong(heardAt, now)) return false;
    this.#isReported = true;
    return true;
  }

  /** Whether the silence was reported and still lasts at `at`. */
  isReportedAt(heardAt: number | undefined, at: number): boolean {
    return this.#isReported && this.isTooLong(heardAt, at);
  }

  isTooLong(heardAt: number | undefined, at: number): boolean {
    if (this.limitMillis === 0 || heardAt === undefined || heardAt !== this.#heardAt) return false;
    // The ticks may lag behind the clock by up to two.
    return at - heardAt > this.limitMillis && this.#silentMillis >= 0.8 * this.limitMillis;
  }
}

/** Chunks of which time and size are kept, at each end of a body. */
const ENDS = 3;
/** Pauses are counted by length: below 10 ms, 100 ms, 1 s, 10 s, and longer. */
const PAUSE_LIMITS = [10, 100, 1_000, 10_000] as const;
/** Upper bounds of the written values, so that the text has at most 200 characters. */
const MAX_MILLIS = 9_999_999;
const MAX_BYTES = 999_999;
const MAX_COUNT = 999_999;

/**
 * Times of the chunks of a response, in a constant amount of memory. Recorded in every capture, since it has no
 * content.
 */
export class ChunkTiming {
  #first: readonly number[] = [];
  /** The last chunks; the oldest is at `#next`. */
  #last: number[] = [];
  #next = 0;
  readonly #pauses = [0, 0, 0, 0, 0];
  #longest = 0;
  #bytesBefore = 0;
  #lastAt = 0;
  #bytes = 0;

  /**
   * @param millis since the request began
   * @param bytes length of the chunk
   */
  add(millis: number, bytes: number): void {
    const at = Math.round(millis);
    if (this.#first.length === 0) this.#first = [at, bytes];
    else {
      this.#pause(at - this.#lastAt);
      // Without spare capacity: many streams may be open at a time.
      if (this.#first.length < 2 * ENDS) this.#first = this.#first.concat(at, bytes);
      else if (this.#last.length < 2 * ENDS) this.#last = this.#last.concat(at, bytes);
      else {
        this.#last[this.#next] = at;
        this.#last[this.#next + 1] = bytes;
        this.#next = (this.#next + 2) % (2 * ENDS);
      }
    }
    this.#lastAt = at;
    this.#bytes += bytes;
  }

  /**
   * As JSON: `first` and `last` are chunks as [milliseconds since the request began, bytes], no chunk in both; `pauses`
   * counts pauses between chunks below 10 ms, 100 ms, 1 s, 10 s, and longer ones; `longest` is the longest pause in
   * milliseconds and the bytes before it.
   */
  toString(): string {
    const last = [...this.#last.slice(this.#next), ...this.#last.slice(0, this.#next)];
    return JSON.stringify({
      first: pairs(this.#first),
      last: pairs(last),
      pauses: this.#pauses.map((count) => Math.min(count, MAX_COUNT)),
      longest: pair(this.#longest, this.#bytesBefore),
    });
  }

  #pause(millis: number): void {
    let at = 0;
    while (millis >= (PAUSE_LIMITS[at] ?? Number.POSITIVE_INFINITY)) at += 1;
    this.#pauses[at] = (this.#pauses[at] ?? 0) + 1;
    if (millis <= this.#longest) return;
    this.#longest = millis;
    this.#bytesBefore = this.#bytes;
  }
}

function pairs(flat: readonly number[]): (readonly [number, number])[] {
  return flat.flatMap((at, index) => (index % 2 === 0 ? [pair(at, flat[index + 1] ?? 0)] : []));
}

function pair(millis: number, bytes: number): readonly [number, number] {
  return [Math.min(millis, MAX_MILLIS), Math.min(bytes, MAX_BYTES)];
}
