import { backoffMillis, RETRY_PACE, type RetryPace } from './retry-delay.js';

/** When the next try may be, after failures in a row. */
export class RetrySchedule {
  #failures = 0;
  #notBefore = 0;
  #asked = false;

  constructor(
    private readonly pace: RetryPace = RETRY_PACE,
    private readonly random: () => number = Math.random,
  ) {}

  /** Monotonic milliseconds; in the past where nothing has failed. */
  get notBefore(): number {
    return this.#notBefore;
  }

  /** @param afterMillis what the endpoint asked for: it goes before our own pace, up to a bound */
  failed(afterMillis: number | undefined, now: number): void {
    this.#failures++;
    this.#asked = afterMillis !== undefined;
    const own = backoffMillis(this.#failures, this.pace, this.random());
    this.#notBefore = now + Math.min(afterMillis ?? own, this.pace.longestAskedMillis);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#notBefore = 0;
  }

  /**
   * Somebody waits: the pace starts anew, at once.
   *
   * @param last there is no later: what the endpoint asked for, which holds otherwise, does not either
   */
  hurry(last: boolean): void {
    this.#failures = 0;
    if (last || !this.#asked) this.#notBefore = 0;
  }
}
