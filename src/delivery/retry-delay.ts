/** The time between tries. */
export interface RetryPace {
  /** The bound of the first delay; each failure in a row doubles it. */
  readonly firstMillis: number;
  readonly longestMillis: number;
  /** The longest wait that an endpoint can ask for. */
  readonly longestAskedMillis: number;
}

/** The longest delay is short, since what waits are few spans that somebody wants to see. */
export const RETRY_PACE: RetryPace = Object.freeze({
  firstMillis: 500,
  longestMillis: 10_000,
  longestAskedMillis: 60_000,
});

/**
 * Exponential backoff with full jitter: anything between nothing and the bound, so that the processes which
 * an outage has brought into step do not all come back at once.
 *
 * @param failures in a row, this one included: at least 1
 * @param random from 0 up to 1
 */
export function backoffMillis(failures: number, pace: RetryPace, random: number): number {
  return random * Math.min(pace.longestMillis, pace.firstMillis * 2 ** (failures - 1));
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
