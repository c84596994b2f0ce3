import { types } from 'node:util';
import type { Attributes } from '@opentelemetry/api';
import { memoize } from '../memoize.js';
import { explains } from '../self-diagnostics.js';
import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../semconv.js';
import type { RecognisedCall, RequestLine } from '../wire/format.js';

/** Returns the `server.*` attributes of an origin; none if it is not a URL. */
export const serverAttributes = memoize((origin): Attributes => {
  if (!URL.canParse(origin)) return {};
  const { hostname, port, protocol } = new URL(origin);
  return {
    [ATTR_SERVER_ADDRESS]: hostname,
    [ATTR_SERVER_PORT]:
      port === '' ? (protocol === 'https:' || protocol === 'wss:' ? 443 : 80) : Number(port),
  };
});

export interface Target {
  /** Scheme and authority, user info included: redacted when it is written. */
  readonly origin: string;
  /** Path and query: redacted when it is written. */
  readonly path: string;
}

/** Requests to a forward proxy have a whole URL in place of the path. */
const ABSOLUTE = /^([a-z][a-z\d+.-]*:\/\/[^/?#]*)(.*)$/is;

/**
 * A request whose headers are read on demand. Every request of the application is checked, few of them need headers,
 * and other subscribers add headers until they are sent.
 */
export abstract class ObservedTarget<Call = RecognisedCall | undefined> {
  readonly method: string;
  readonly origin: string;
  readonly path: string;

  constructor(
    { method, origin, path }: RequestLine,
    readonly call: Call,
  ) {
    this.method = method;
    this.origin = origin;
    this.path = path;
  }

  abstract get headers(): unknown;
}

/**
 * Whether a request may belong to a step: it is a known call, or its caller is inside a run or span. Nothing more is
 * read of any other request. All requests are accepted if decisions are logged.
 */
export function mayBelongToStep(call: RecognisedCall | undefined, isInside: boolean): boolean {
  return call !== undefined || isInside || explains();
}

/**
 * Returns the URL of a request.
 *
 * @param origin a string or a `URL`
 * @param path of a request to a forward proxy, the whole URL
 */
export function targetOf(origin: unknown, path: unknown): Target {
  const given = String(path);
  const whole = given.startsWith('/') ? null : ABSOLUTE.exec(given);
  if (whole !== null) return targetFrom(whole[1], whole[2]);
  return targetFrom(originOf(String(origin ?? '')), given);
}

/** Cache of the last result, since most requests repeat the origin. */
let last: { readonly given: string; readonly origin: string | undefined } = { given: '', origin: undefined };

function originOf(given: string): string | undefined {
  if (given !== last.given) last = { given, origin: ABSOLUTE.exec(given)?.[1] };
  return last.origin;
}

function targetFrom(origin = '', path = ''): Target {
  return { origin, path: path.startsWith('/') ? path : `/${path}` };
}

/** Lower-case header names and values, in the order of the message: name, value, name, value, … */
export type HeaderList = readonly string[];

/**
 * Reads headers in each of the shapes that undici uses: a flat list of Buffers or strings, one string of lines (undici
 * 5 and early 6), an object (HTTP/2 in undici 8). Bytes outside ASCII are read as Latin-1, as in HTTP/1.
 *
 * @param nameOf returns the lower-case name of a header to read, or `undefined` to skip it. Default: all are read.
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

/**
 * Whether a header has this name. Compares bytes and lengths: decoding each name would cost more than everything else
 * that is recorded of a healthy exchange.
 *
 * @param name as it came, in bytes or as a string
 * @param expected in lower case, of letters, digits and hyphens
 */
export function isHeader(name: unknown, expected: string): boolean {
  if (typeof name === 'string') return name.length === expected.length && name.toLowerCase() === expected;
  if (!types.isUint8Array(name) || name.length !== expected.length) return false;
  // Bit 0x20 is the case of a letter, and is set in a digit and in a hyphen.
  for (let i = 0; i < expected.length; i += 1)
    if (((name[i] ?? 0) | 0x20) !== expected.charCodeAt(i)) return false;
  return true;
}

/** Returns the first value of a header. `name` in lower case. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1];
  return undefined;
}

function fromList(list: readonly unknown[], nameOf: (name: unknown) => string | undefined): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = nameOf(list[i]);
    // HTTP/2 pseudo headers (`:method`, `:path`, `:status`) are recorded as fields of their own.
    if (name === undefined || name.startsWith(':')) continue;
    const value = list[i + 1];
    if (Array.isArray(value)) for (const one of value) headers.push(name, headerText(one));
    else headers.push(name, headerText(value));
  }
  // A copy without spare capacity: the list is held while its step is open.
  return headers.slice();
}

function anyName(name: unknown): string {
  return headerText(name).toLowerCase();
}

function linesOf(lines: string): string[] {
  return lines.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 ? [line.slice(0, colon), line.slice(colon + 1).trim()] : [];
  });
}

export function headerText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (!types.isUint8Array(value)) return String(value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
}
