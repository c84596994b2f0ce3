import { detachedCopy, memoize } from '../memoize.js';

const SECRET_HEADER_PART =
  /api[-_]?key|token|secret|bearer|authorization|cookie|password|credential|(?:subscription|access|functions)-key/;

/** Limits and counters, whose names contain "token". */
const SAFE_HEADER = /^(?:anthropic-ratelimit-|x-ratelimit-|x-amzn-bedrock-)/;

/** Parts of the names (in the form of `queryName`) of secret query parameters, also outside URLs. */
const SECRET_QUERY_PART = /secret|passw|pwd|credential|authorization|apikey|accesskey|accountkey|privatekey/;

const SECRET_QUERY_NAMES: ReadonlySet<string> = new Set([
  'key',
  'code',
  'sig',
  'signature',
  'auth',
  'bearer',
  'jwt',
  'assertion',
  'clientassertion',
  'codeverifier',
  'pass',
  'passphrase',
  'sessionid',
  'signingkey',
  'subscriptionkey',
  'ocpapimsubscriptionkey',
  'xamzsignature',
  'xgoogsignature',
]);

const SAFE_QUERY_NAMES: ReadonlySet<string> = new Set([
  'pagetoken',
  'nextpagetoken',
  'nexttoken',
  'continuationtoken',
  'synctoken',
]);

/**
 * Parts of the names (in the form of `keyName`) of secret JSON members. "token" anywhere in a name would match usage
 * counters, and at the end of any name the cursors of lists.
 */
const SECRET_KEY =
  /secret|passw|credential|authorization|(?:access|refresh|api|auth|bearer|session|security)token$|(?:api|private|signing|access)key$/;

const SECRET_KEY_NAMES: ReadonlySet<string> = new Set([
  'token',
  'idtoken',
  'cookie',
  'setcookie',
  'jwt',
  'passphrase',
  'pwd',
]);

export function isSecretHeader(lowerCaseName: string): boolean {
  return SECRET_HEADER_PART.test(lowerCaseName) && !SAFE_HEADER.test(lowerCaseName);
}

/**
 * The name of a query parameter for comparison: percent-decoded, lower case, letters, digits and slashes only, so that
 * `api_key`, `apiKey`, `api-key` and `%61pi_key` are one name. A slash separates words: `http://w.dev/x` has no `pwd`.
 */
export function queryName(raw: string): string {
  const decoded = raw.includes('%')
    ? raw.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : raw;
  return decoded.toLowerCase().replace(/[^a-z0-9/]+/g, '');
}

export function isSecretQueryName(name: string): boolean {
  if (SECRET_QUERY_NAMES.has(name) || SECRET_QUERY_PART.test(name)) return true;
  return name.endsWith('token') && !SAFE_QUERY_NAMES.has(name);
}

/** Whether `name=value` is secret in prose as well, unlike `code=ECONNRESET` and `key=a`. */
export function isSecretAnywhere(name: string): boolean {
  return SECRET_QUERY_PART.test(name);
}

/** The name of a member for comparison: lower case, letters and digits of any script only. */
export function keyName(raw: string): string {
  return raw.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

export function isSecretKeyName(name: string): boolean {
  return SECRET_KEY_NAMES.has(name) || SECRET_KEY.test(name);
}

const SLOTS = 1_024;
const LONGEST_NAME = 64;

/**
 * Caches the readings of names, since bodies repeat the same few. A name is looked up by its place in a text, without
 * slicing or hashing it.
 */
export class NameCache<T> {
  readonly #slots: ({ readonly name: string; readonly reading: T } | undefined)[];
  readonly #memoized: (name: string) => T;

  constructor(private readonly read: (name: string) => T) {
    this.#slots = Array.from({ length: SLOTS }, () => undefined);
    this.#memoized = memoize(read, LONGEST_NAME);
  }

  /** The reading of the name from `begin` to `end`. */
  at(text: string, begin: number, end: number): T {
    const length = end - begin;
    if (length === 0 || length > LONGEST_NAME) return this.read(text.slice(begin, end));
    const slot = slotOf(text, begin, end);
    const known = this.#slots[slot];
    if (known !== undefined && known.name.length === length && standsAt(text, begin, known.name)) {
      return known.reading;
    }
    const slice = text.slice(begin, end);
    const reading = this.#memoized(slice);
    this.#slots[slot] = { name: detachedCopy(slice), reading };
    return reading;
  }
}

function slotOf(text: string, begin: number, end: number): number {
  const first = text.charCodeAt(begin);
  const middle = text.charCodeAt((begin + end) >> 1);
  const last = text.charCodeAt(end - 1);
  return (7 * first + 61 * middle + 31 * last + 13 * (end - begin)) % SLOTS;
}

function standsAt(text: string, begin: number, name: string): boolean {
  for (let index = name.length - 1; index >= 0; index -= 1) {
    if (text.charCodeAt(begin + index) !== name.charCodeAt(index)) return false;
  }
  return true;
}
