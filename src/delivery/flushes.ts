import { timers } from '../clock.js';
/** Those who wait until everything that was there when they came is settled. */
export class Flushes {
  readonly #waiting = new Set<{ upTo: number; done: () => void }>();

  get some(): boolean {
    return this.#waiting.size > 0;
  }

  /**
   * Waits until the spans up to that number are settled; `false` when the time is up first. The process is
   * kept alive for that: it is asked for, and what is awaited at the top of a program must not find it gone.
   */
  wait(upTo: number, millis: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (settled: boolean): void => {
        timers.clearTimeout(timer);
        this.#waiting.delete(flush);
        resolve(settled);
      };
      const flush = { upTo, done: () => end(true) };
      const timer = timers.setTimeout(() => end(false), millis);
      this.#waiting.add(flush);
    });
  }

  check(isSettledUpTo: (number: number) => boolean): void {
    for (const { upTo, done } of this.#waiting) if (isSettledUpTo(upTo)) done();
  }
}

/** Waits for work of somebody else's, that long at most, and lets nothing of it through. */
export async function waitAtMost(millis: number, work: () => Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<void>((resolve) => {
    timer = timers.setTimeout(resolve, millis);
  });
  try {
    await Promise.race([work(), timeIsUp]);
  } finally {
    timers.clearTimeout(timer);
  }
}
