import type { HeaderReader } from './header.js';

const NUMBER = /^\d{1,12}(?:\.\d{1,9})?$/;
const HTTP_DATE = /^[A-Z][a-z]{2,8}, [\w :-]{1,40}$/;

/**
 * How long a response asks to wait, in milliseconds: `retry-after-ms` first, because the providers that send
 * it round the other one up; then `retry-after` in seconds or as an HTTP date. Zero, negative, past or
 * unreadable is none. Only headers count, never a delay in a body. ("Retry delay" in the reference.)
 */
export function retryDelay(header: HeaderReader, now: () => number): number | undefined {
  return positive(number(header('retry-after-ms'))) ?? positive(inRetryAfter(header('retry-after'), now));
}

function inRetryAfter(value: string | undefined, now: () => number): number | undefined {
  const seconds = number(value);
  if (seconds !== undefined) return seconds * 1_000;
  const date = value?.trim() ?? '';
  return HTTP_DATE.test(date) ? Date.parse(date) - now() : undefined;
}

function number(value: string | undefined): number | undefined {
  const digits = value?.trim() ?? '';
  return NUMBER.test(digits) ? Number(digits) : undefined;
}

function positive(millis: number | undefined): number | undefined {
  if (millis === undefined) return undefined;
  const whole = Math.ceil(millis);
  return whole > 0 ? whole : undefined;
}
