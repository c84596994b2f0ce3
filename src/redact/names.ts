/** What stands where a secret stood. */
export const REDACTED = '[REDACTED]';

/** A header whose name contains one of these holds a secret, unless its name is known to be safe. */
const SECRET_HEADER_PART =
  /api[-_]?key|token|secret|bearer|authorization|cookie|password|credential|(?:subscription|access|functions)-key/;

/** Limits and counters: they contain "token" and tell the reader of a 429 what he needs. */
const SAFE_HEADER = /^(?:anthropic-ratelimit-|x-ratelimit-|x-amzn-bedrock-)/;

/**
 * A query parameter whose name (as `queryName` gives it) contains one of these is secret wherever it stands,
 * in a connection string too.
 */
const SECRET_QUERY_PART = /secret|passw|pwd|credential|authorization|apikey|accesskey|accountkey|privatekey/;

/** Query parameters that hold a secret when their whole name is this. */
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

/** Cursors of list calls: they end in "token" and open nothing. */
const SAFE_QUERY_NAMES: ReadonlySet<string> = new Set([
  'pagetoken',
  'nextpagetoken',
  'nexttoken',
  'continuationtoken',
  'synctoken',
]);

/**
 * A member of JSON whose name (as `keyName` gives it) has one of these in it or at its end is secret: the names
 * of the reference, also with something in front (`OPENAI_API_KEY`). A "token" in the middle would hide the
 * usage counters, and at the end of just any name the cursors of lists.
 */
const SECRET_KEY =
  /secret|passw|credential|authorization|(?:access|refresh|api|auth|bearer|session|security)token$|(?:api|private|signing|access)key$/;

/** Members that are secret when their whole name is this. */
const SECRET_KEY_NAMES: ReadonlySet<string> = new Set([
  'token',
  'idtoken',
  'cookie',
  'setcookie',
  'jwt',
  'passphrase',
  'pwd',
]);

/** Whether the header of this lower-case name holds a secret ("Redaction" in the reference). */
export function isSecretHeader(lowerCaseName: string): boolean {
  return SECRET_HEADER_PART.test(lowerCaseName) && !SAFE_HEADER.test(lowerCaseName);
}

/**
 * The comparable form of a query parameter's name: percent-decoded, lower case, letters and digits only, so
 * that `api_key`, `apiKey`, `api-key` and `%61pi_key` are one name. Never throws: a broken escape is dropped.
 */
export function queryName(raw: string): string {
  const decoded = raw.includes('%')
    ? raw.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : raw;
  return decoded.toLowerCase().replace(/[^a-z0-9]+/g, '');
}

/** Whether a query parameter holds a secret; `name` as `queryName` gives it. */
export function isSecretQueryName(name: string): boolean {
  if (SECRET_QUERY_NAMES.has(name) || SECRET_QUERY_PART.test(name)) return true;
  return name.endsWith('token') && !SAFE_QUERY_NAMES.has(name);
}

/** Whether `name=value` is secret in prose too, where `code=ECONNRESET` and `key=a` are none. */
export function isSecretAnywhere(name: string): boolean {
  return SECRET_QUERY_PART.test(name);
}

/** The comparable form of a member's name: lower case, letters and digits only, of any script. */
export function keyName(raw: string): string {
  return raw.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

/** Whether a member of JSON holds a secret; `name` as `keyName` gives it. */
export function isSecretKeyName(name: string): boolean {
  return SECRET_KEY_NAMES.has(name) || SECRET_KEY.test(name);
}
