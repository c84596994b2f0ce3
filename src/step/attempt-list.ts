import type { Attempt } from '../attempt/attempt.js';
import { judgeAttempt } from '../attempt/judge.js';

/**
 * The attempts of one step. Beyond the bound those in the middle go: the first shows the cause, the last how
 * it ended.
 */
export class AttemptList {
  #kept: Attempt[] = [];
  #began = 0;

  constructor(private readonly max: number) {}

  /** In the order in which the requests began. */
  get kept(): readonly Attempt[] {
    return this.#kept;
  }

  /** How many requests began in all. */
  get began(): number {
    return this.#began;
  }

  get last(): Attempt | undefined {
    return this.#kept.at(-1);
  }

  get anyOpen(): boolean {
    return this.#kept.some((attempt) => attempt.endedAt === undefined);
  }

  add(attempt: Attempt): void {
    this.#began += 1;
    this.#kept.push(attempt);
    if (this.#kept.length > this.max) this.#kept.splice(Math.floor(this.max / 2), 1).forEach(release);
  }

  /**
   * Gives each attempt its final status: an exchange that never came to its end was broken off at `at`
   * (monotonic milliseconds), and one whose body is not whole failed.
   */
  settle(at: number): void {
    for (const attempt of this.#kept) {
      if (attempt.endedAt === undefined) {
        attempt.status = 'interrupted';
        attempt.endedAt = Math.max(at, attempt.startedAt);
      }
      judgeAttempt(attempt);
    }
  }

  /** Lets go of everything, bodies above all: a context may keep the step alive long after its end. */
  clear(): void {
    this.#kept.forEach(release);
    this.#kept = [];
  }
}

function release(attempt: Attempt): void {
  attempt.requestBody.release();
  attempt.responseBody.release();
}
