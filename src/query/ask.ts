import { KeptRunsError } from './error.js';
import { type Fields, isFields } from './fields.js';
import type { QueryOptions } from './types.js';

const DEFAULT_TIMEOUT_MILLIS = 5_000;
const QUOTED_LENGTH = 200;

/**
 * Asks for a JSON object; `undefined` where the backend says 404.
 *
 * @param path below the endpoint
 * @throws KeptRunsError for everything else: no connection, no answer in time, another status, no JSON object
 */
export type Ask = (path: string, query?: Readonly<Record<string, string>>) => Promise<Fields | undefined>;

/**
 * @param backend its name, for errors
 * @throws TypeError for an endpoint that is no http or https URL
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
      if (!response.ok) throw new KeptRunsError(`${who} answered ${response.status}: ${quoted(text)}`);
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
      'endpoint takes an http or https URL without user and password (they go into headers)',
    );
  }
  return url;
}

function readObject(who: string, text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new KeptRunsError(`${who} answered no JSON: ${quoted(text)}`, { cause });
  }
  if (!isFields(value)) throw new KeptRunsError(`${who} answered no JSON object: ${quoted(text)}`);
  return value;
}

/** Told by name: an error of another realm is no instance of ours. */
function unanswered(who: string, error: unknown, limit: number): KeptRunsError {
  const { name, message, cause } = isFields(error) ? error : {};
  if (name === 'TimeoutError')
    return new KeptRunsError(`${who} did not answer within ${limit} ms`, { cause: error });
  const reason = isFields(cause) ? (cause['code'] ?? cause['message']) : message;
  return new KeptRunsError(`${who} could not be asked: ${reason}`, { cause: error });
}

function quoted(text: string): string {
  const folded = text
    .slice(0, 10 * QUOTED_LENGTH)
    .replace(/\s+/g, ' ')
    .trim();
  return folded.length > QUOTED_LENGTH ? `${folded.slice(0, QUOTED_LENGTH)}…` : folded;
}
