import { types } from 'node:util';

/** Header names (lower case) and values as they came over the wire: name, value, name, value, … */
export type HeaderList = readonly string[];

/**
 * Reads headers in each of the shapes undici shows them in: a flat list of Buffers or strings (its usual
 * form), one string of lines (undici 5 and early 6), an object (HTTP/2 in undici 8). Bytes outside ASCII are
 * read as Latin-1, which is what HTTP/1 says they are and which never fails.
 *
 * @param nameOf gives the name of a header that is to be read, in lower case; `undefined` passes over it.
 *   Default: all are read.
 */
export function readHeaders(
  raw: unknown,
  nameOf: (name: unknown) => string | undefined = anyName,
): HeaderList {
  if (typeof raw === 'string') return fromList(linesOf(raw), nameOf);
  if (Array.isArray(raw)) return fromList(raw, nameOf);
  if (raw !== null && typeof raw === 'object') return fromList(Object.entries(raw).flat(1), nameOf);
  return [];
}

/** The first value of a header, or `undefined`. `name` in lower case. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1];
  return undefined;
}

function fromList(list: readonly unknown[], nameOf: (name: unknown) => string | undefined): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = nameOf(list[i]);
    // A name with a leading colon is an HTTP/2 pseudo header: method, path and status are recorded as such.
    if (name === undefined || name.startsWith(':')) continue;
    const value = list[i + 1];
    if (Array.isArray(value)) for (const one of value) headers.push(name, text(one));
    else headers.push(name, text(value));
  }
  // Without the room to grow that pushing has made: the list is held for as long as its step is open.
  return headers.slice();
}

function anyName(name: unknown): string {
  return text(name).toLowerCase();
}

function linesOf(lines: string): string[] {
  return lines.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 ? [line.slice(0, colon), line.slice(colon + 1).trim()] : [];
  });
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (!types.isUint8Array(value)) return String(value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
}
