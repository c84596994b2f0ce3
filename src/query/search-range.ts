import type { ListOptions } from './types.js';

const DEFAULT_LOOKBACK_MILLIS = 7 * 24 * 3_600_000;
/** The clocks of two machines may differ by as much. */
const AHEAD_MILLIS = 60_000;
const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 1_000;

export interface SearchRange {
  readonly limit: number;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** @throws RangeError for a limit or a date that can't be used */
export function searchRange(lookbackMillis: number | undefined, options: ListOptions = {}): SearchRange {
  const { limit = DEFAULT_LIMIT, since } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_LIMIT) {
    throw new RangeError(`limit takes a whole number from 1 to ${LARGEST_LIMIT}, not ${limit}`);
  }
  if (Number.isNaN(since?.getTime())) throw new RangeError('since takes a valid date');
  const now = Date.now();
  // Both ends together must not exceed what Tempo lets one search: 7 days.
  const from = since?.getTime() ?? now + AHEAD_MILLIS - (lookbackMillis ?? DEFAULT_LOOKBACK_MILLIS);
  return { limit, from, to: now + AHEAD_MILLIS };
}
