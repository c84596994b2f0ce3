import type { Attempt } from './attempt.js';
import { headerValue, readHeaders } from './raw-headers.js';

/** A client gave up by itself, after as long as it had told the provider. */
export class ClientTimeoutError extends Error {
  override readonly name = 'ClientTimeoutError';

  constructor(seconds: number) {
    super(`the client timed out after ${seconds} s`);
  }
}

/**
 * Where clients tell their own time-out, in seconds: those of OpenAI and Anthropic, which wait that long for an
 * answer to begin (cut off to a whole second), and Google's, which waits for all of it (rounded up).
 */
const TOLD_IN = [
  { name: 'x-stainless-timeout', coversBody: false },
  { name: 'x-server-timeout', coversBody: true },
] as const;

/** A client counts from a moment before its request is made. */
const EARLY_MILLIS = 250;

/**
 * The time-out that an abort was; to undici it looks like the caller's. `undefined` where it came earlier, or the
 * client tells of none.
 *
 * @param at when it was aborted, in monotonic milliseconds
 * @param requestHeaders in one of the shapes that `readHeaders` reads
 */
export function clientTimeout(
  { startedAt, statusCode }: Attempt,
  at: number,
  requestHeaders: unknown,
): ClientTimeoutError | undefined {
  const headers = readHeaders(requestHeaders);
  for (const { name, coversBody } of TOLD_IN) {
    const seconds = Number(headerValue(headers, name));
    if (!(seconds > 0) || (statusCode !== undefined && !coversBody)) continue;
    if (at - startedAt >= seconds * 1_000 - EARLY_MILLIS) return new ClientTimeoutError(seconds);
  }
  return undefined;
}
