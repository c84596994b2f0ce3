import { setTimeout as pause } from 'node:timers/promises';

/**
 * Repeats the check, since a backend does not notify when it has stored something.
 *
 * @param what for the error, after "timed out waiting for"
 */
export async function until<T>(
  ask: () => Promise<T | undefined | false>,
  what: string,
  timeoutMillis = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMillis;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`timed out waiting for ${what}`);
    await pause(100);
  }
}
