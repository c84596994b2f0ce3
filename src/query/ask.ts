import { type Fields, isFields } from './stored-span.js';
import type { ListOptions, QueryOptions } from './types.js';

const DEFAULT_LOOKBACK_MILLIS = 7 * 24 * 3_600_000;
/** The largest expected difference between the clocks of two machines. */
const AHEAD_MILLIS = 60_000;
const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 1_000;

export interface SearchRange {
  readonly limit: number;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** @throws RangeError for an invalid limit or date */
export function searchRange(lookbackMillis: number | undefined, options: ListOptions = {}): SearchRange {
  const { limit = DEFAULT_LIMIT, since } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_LIMIT) {
    throw new RangeError(`Invalid limit "${limit}": expected an integer from 1 to ${LARGEST_LIMIT}`);
  }
  if (Number.isNaN(since?.getTime())) throw new RangeError('Invalid since: expected a valid date');
  const now = Date.now();
  // Tempo limits the range of a search to 7 days.
  const from = since?.getTime() ?? now + AHEAD_MILLIS - (lookbackMillis ?? DEFAULT_LOOKBACK_MILLIS);
  return { limit, from, to: now + AHEAD_MILLIS };
}

const DEFAULT_TIMEOUT_MILLIS = 5_000;
const QUOTED_LENGTH = 200;

/**
 * Requests a JSON object. Returns `undefined` for status 404.
 *
 * @param path relative to the endpoint
 * @throws KeptRunsError if there is no connection, no response in time, another status or no JSON object
 */
type Ask = (path: string, query?: Readonly<Record<string, string>>) => Promise<Fields | undefined>;

/**
 * @param backend the name in error messages
 * @throws TypeError if the endpoint is not an http or https URL
 */
export function askAt(backend: string, { endpoint, headers, timeoutMillis }: QueryOptions): Ask {
  const base = readEndpoint(endpoint);
  const limit = timeoutMillis ?? DEFAULT_TIMEOUT_MILLIS;
  const who = `${backend} at ${base.origin}`;
  return async (path, query = {}) => {
    const url = new URL(base);
    url.pathname = base.pathname.replace(/\/+$/, '') + path;
    url.search = new URLSearchParams(query).toString();
    try {
      const response = await fetch(url, {
        headers: { accept: 'application/json', ...headers },
        signal: AbortSignal.timeout(limit),
      });
      const text = await response.text();
      if (response.status === 404) return undefined;
      if (!response.ok) throw new KeptRunsError(`${who} returned ${response.status}: ${quoted(text)}`);
      return readObject(who, text);
    } catch (error) {
      throw error instanceof KeptRunsError ? error : unanswered(who, error, limit);
    }
  };
}

function readEndpoint(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new TypeError(
      'Invalid endpoint: expected an http or https URL without user and password (set headers instead)',
    );
  }
  return url;
}

function readObject(who: string, text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new KeptRunsError(`${who} returned no JSON: ${quoted(text)}`, { cause });
  }
  if (!isFields(value)) throw new KeptRunsError(`${who} returned no JSON object: ${quoted(text)}`);
  return value;
}

/** Compares names, since errors of another realm are not instances of this class. */
function unanswered(who: string, error: unknown, limit: number): KeptRunsError {
  const { name, message, cause } = isFields(error) ? error : {};
  if (name === 'TimeoutError')
    return new KeptRunsError(`${who} did not respond within ${limit} ms`, { cause: error });
  const reason = isFields(cause) ? (cause['code'] ?? cause['message']) : message;
  return new KeptRunsError(`Request to ${who} failed: ${reason}`, { cause: error });
}

function quoted(text: string): string {
  const folded = text
    .slice(0, 10 * QUOTED_LENGTH)
    .replace(/\s+/g, ' ')
    .trim();
  return folded.length > QUOTED_LENGTH ? `${folded.slice(0, QUOTED_LENGTH)}…` : folded;
}

/** A backend could not be reached or sent an invalid response. The message names the backend and the reason. */
export class KeptRunsError extends Error {
  override readonly name = 'KeptRunsError';
}
