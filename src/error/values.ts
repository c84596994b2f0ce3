import { parseRetryAfter } from '../retry-after.js';

/** Returns the property, or `undefined` if reading it throws. */
export function read(holder: object, key: string): unknown {
  try {
    return (holder as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Built-in exceptions of JavaScript, thrown by mistakes in application code or by invalid input. */
export const JAVASCRIPT_ERRORS: readonly string[] = [
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
];

/** Returns an HTTP error status, 400 to 599, from a number or digits; else `undefined`. */
export function errorStatus(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^[45]\d\d$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600
    ? status
    : undefined;
}

/** Response headers with the provider's request id: OpenAI and many others, Anthropic, Google, Azure, AWS. */
export const REQUEST_ID_HEADERS: readonly string[] = Object.freeze([
  'x-request-id',
  'request-id',
  'x-goog-request-id',
  'apim-request-id',
  'x-amzn-requestid',
]);

/** Returns the first value of a response header, by its name in lower case. */
export type HeaderReader = (name: string) => string | undefined;

const MAX_HEADERS = 200;
const MAX_VALUE = 1_024;

/**
 * Reads headers in any form: `Headers`, a plain object with values or lists of values, an array of pairs, or a flat
 * array of names and values. Never throws; unreadable headers are absent.
 */
export function headerReader(headers: unknown): HeaderReader | undefined {
  if (!isObject(headers)) return undefined;
  const get = read(headers, 'get');
  if (typeof get === 'function') {
    return (name) => unlessThrown(() => text(Reflect.apply(get, headers, [name])));
  }
  let table: Map<string, string> | undefined;
  return (name) => {
    table ??= tabulate(headers);
    return table.get(name);
  };
}

function unlessThrown<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}

function tabulate(headers: object): Map<string, string> {
  const table = new Map<string, string>();
  try {
    for (const [name, value] of entries(headers)) {
      const key = text(name)?.toLowerCase();
      const first = text(Array.isArray(value) ? value[0] : value);
      if (key !== undefined && first !== undefined && !table.has(key)) table.set(key, first);
    }
  } catch {
    // A Proxy or a getter may throw. Headers read so far are kept.
  }
  return table;
}

function* entries(headers: object): Generator<readonly [name: unknown, value: unknown]> {
  if (!Array.isArray(headers)) {
    for (const name of Object.keys(headers).slice(0, MAX_HEADERS)) yield [name, read(headers, name)];
    return;
  }
  const inPairs = Array.isArray(headers[0]);
  for (let i = 0; i < Math.min(headers.length, MAX_HEADERS); i += inPairs ? 1 : 2) {
    yield inPairs ? [headers[i]?.[0], headers[i]?.[1]] : [headers[i], headers[i + 1]];
  }
}

function text(value: unknown): string | undefined {
  const isText = typeof value === 'string' || typeof value === 'number' || Buffer.isBuffer(value);
  return isText ? String(value).slice(0, MAX_VALUE) : undefined;
}

const MILLIS = /^\d{1,12}(?:\.\d{1,9})?$/;

/**
 * Returns the delay that a response asks for, in whole milliseconds above zero. `retry-after-ms` wins, because
 * providers that send it round `retry-after` up. `undefined` for zero, negative, past or invalid values. Delays in a
 * body do not count.
 */
export function retryDelay(header: HeaderReader, now: () => number): number | undefined {
  const millis = header('retry-after-ms')?.trim() ?? '';
  const exact = MILLIS.test(millis) ? Math.ceil(Number(millis)) : 0;
  if (exact > 0) return exact;
  return Math.ceil(parseRetryAfter(header('retry-after'), now) ?? 0) || undefined;
}
