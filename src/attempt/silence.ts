/**
 * For how long a provider has been silent. Counted in ticks as well as by the clock, so that time in which the process
 * was frozen or busy is not taken for silence.
 */
export class Silence {
  #heardAt: number | undefined;
  #silentMillis = 0;
  #isReported = false;

  /** @param limitMillis how long is too long; 0 for never */
  constructor(private readonly limitMillis: number) {}

  /**
   * Called at each tick.
   *
   * @param heardAt when the provider was heard last; `undefined` if it has not been asked yet
   * @param isResponse a response has begun, whose silence is reported
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

  /** The provider is silent for too long at this moment, and that has been reported. */
  isReportedAt(heardAt: number | undefined, at: number): boolean {
    return this.#isReported && this.isTooLong(heardAt, at);
  }

  isTooLong(heardAt: number | undefined, at: number): boolean {
    if (this.limitMillis === 0 || heardAt === undefined || heardAt !== this.#heardAt) return false;
    // A tick may have passed before the first one was counted, and the next one may be due.
    return at - heardAt > this.limitMillis && this.#silentMillis >= 0.8 * this.limitMillis;
  }
}
