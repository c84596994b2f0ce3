/** Where a request goes. */
export interface Target {
  /** Scheme and authority, user info included: redacted when it is written. */
  readonly origin: string;
  /** Path and query: redacted when it is written. */
  readonly path: string;
}

/** What a forward proxy gets for a path: the URL of the server behind it. */
const ABSOLUTE = /^([a-z][a-z\d+.-]*:\/\/[^/?#]*)(.*)$/is;

/** Reads undici's `origin` (a text, or a `URL`) and `path`, which behind a forward proxy is a whole URL. */
export function targetOf(origin: unknown, path: unknown): Target {
  const given = String(path);
  const whole = given.startsWith('/') ? null : ABSOLUTE.exec(given);
  if (whole !== null) return target(whole[1], whole[2]);
  return target(originOf(String(origin ?? '')), given);
}

/** Most requests go where the one before went. */
let last: { readonly given: string; readonly origin: string | undefined } = { given: '', origin: undefined };

function originOf(given: string): string | undefined {
  if (given !== last.given) last = { given, origin: ABSOLUTE.exec(given)?.[1] };
  return last.origin;
}

function target(origin = '', path = ''): Target {
  return { origin, path: path.startsWith('/') ? path : `/${path}` };
}
