/** The time between tries, in milliseconds. */
export interface RetryPace {
  /** The least time between a failure and the next request. */
  readonly leastMillis: number;
  /** The bound of the first delay; each failure in a row doubles it. */
  readonly firstMillis: number;
  readonly longestMillis: number;
  /** The longest wait that an endpoint can ask for. */
  readonly longestAskedMillis: number;
}

/** The longest delay is short, since what waits are few spans that somebody wants to see. */
export const RETRY_PACE: RetryPace = Object.freeze({
  leastMillis: 100,
  firstMillis: 500,
  longestMillis: 10_000,
  longestAskedMillis: 60_000,
});

/** When the next request may be sent, after failures in a row. */
export class RetrySchedule {
  #failures = 0;
  #notBefore = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #asked = false;

  /** @param random from 0 up to 1 */
  constructor(
    private readonly pace: RetryPace = RETRY_PACE,
    private readonly random: () => number = Math.random,
  ) {}

  /** Monotonic milliseconds; in the past where nothing has failed. */
  get notBefore(): number {
    return this.#notBefore;
  }

  /**
   * The delay is our own or the one that the endpoint asks for, whichever is longer. Both have jitter, so that the
   * processes that an outage has brought into step do not all come back at once.
   *
   * @param askedMillis what the endpoint asks for
   */
  failed(askedMillis: number | undefined, now: number): void {
    this.#failures++;
    const random = this.random();
    const own = backoffMillis(this.#failures, this.pace, random);
    const asked = Math.min(askedMillis ?? 0, this.pace.longestAskedMillis);
    this.#asked = asked > own;
    this.#failedAt = now;
    this.#notBefore = now + Math.max(own, asked + random * own);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#notBefore = 0;
  }

  /**
   * A flush waits: the backoff starts anew, but for the least time between two requests.
   *
   * @param last there is no later try, so that what the endpoint asked for does not count either
   */
  hurry(last: boolean): void {
    this.#failures = 0;
    if (!last && this.#asked) return;
    this.#notBefore = Math.min(this.#notBefore, this.#failedAt + this.pace.leastMillis);
  }
}

/**
 * Exponential backoff with equal jitter: from one half of the bound to all of it. With full jitter there would be no
 * least delay, and so no bound on the requests that a failing endpoint gets in a minute.
 *
 * @param failures in a row, this one included: at least 1
 */
export function backoffMillis(failures: number, pace: RetryPace, random: number): number {
  const bound = Math.min(pace.longestMillis, pace.firstMillis * 2 ** (failures - 1));
  return Math.max(pace.leastMillis, (bound * (1 + random)) / 2);
}

const SECONDS = /^\d{1,9}$/;
/** Its three forms begin with the name of a day; `Date.parse` takes much else. */
const DATE = /^[A-Z][a-z]{2,8},? /;

/**
 * What a `Retry-After` header asks for, in milliseconds: seconds or a date (RFC 9110, 10.2.3). `undefined`
 * for none and for one that can't be read.
 *
 * @param now milliseconds since the epoch
 */
export function retryAfterMillis(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (SECONDS.test(text)) return Number(text) * 1_000;
  const at = DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
