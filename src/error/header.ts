import { isObject, read } from './read.js';

/** Gives the first value of a response header; the name in lower case. */
export type HeaderReader = (name: string) => string | undefined;

const MAX_HEADERS = 200;
const MAX_VALUE = 1_024;

/**
 * Reads headers however they come: `Headers`, a plain object in any case with values or lists of values, an
 * array of pairs, a flat array of names and values. Never throws; what cannot be read is not there.
 */
export function headerReader(headers: unknown): HeaderReader | undefined {
  if (!isObject(headers)) return undefined;
  const get = read(headers, 'get');
  if (typeof get === 'function') {
    return (name) => guarded(() => text(Reflect.apply(get, headers, [name])));
  }
  let table: Map<string, string> | undefined;
  return (name) => {
    table ??= tabulate(headers);
    return table.get(name);
  };
}

function guarded<T>(get: () => T): T | undefined {
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
    // A Proxy or a getter that throws: the headers before it stand.
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
