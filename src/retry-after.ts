const SECONDS = /^\d{1,12}(?:\.\d{1,9})?$/;
/** The three forms of RFC 9110, 5.6.7. `Date.parse` accepts much more, and reads a date without a zone as local time. */
const IMF_OR_RFC850 = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -](?:\d{2}){1,2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Parses a `Retry-After` header, seconds or a date (RFC 9110, 10.2.3). Accepts fractions of a second, which some
 * providers send.
 *
 * @param now returns milliseconds since the epoch
 * @returns milliseconds, 0 for a date in the past; `undefined` if the header is absent or invalid
 */
export function parseRetryAfter(header: string | undefined, now: () => number): number | undefined {
  const text = header?.trim() ?? '';
  if (SECONDS.test(text)) return Number(text) * 1_000;
  const at = parseHttpDate(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now());
}

function parseHttpDate(text: string): number {
  if (IMF_OR_RFC850.test(text)) return Date.parse(text);
  return ASCTIME.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}
