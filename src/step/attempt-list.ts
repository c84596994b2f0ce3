import type { Attempt } from '../attempt/attempt.js';
import { judgeAttempt } from '../attempt/judge.js';

const NONE: readonly Attempt[] = [];

/**
 * The attempts of one step. Beyond the bound those in the middle go: the first shows the cause, the last how
 * it ended.
 */
export class AttemptList {
  /** Nearly always one: an array that is pushed to makes room for sixteen more. */
  #kept: readonly Attempt[] = NONE;
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

  /** The outcome of each is known. */
  get allJudged(): boolean {
    return this.#kept.every((attempt) => attempt.isJudged);
  }

  get anyOpen(): boolean {
    return this.#kept.some((attempt) => attempt.endedAt === undefined);
  }

  /** @returns the one of the middle that is not kept for it */
  add(attempt: Attempt): Attempt | undefined {
    this.#began += 1;
    attempt.number = this.#began;
    const kept = this.#kept.concat([attempt]);
    this.#kept = kept;
    if (kept.length <= this.max) return undefined;
    const [letGo] = kept.splice(Math.floor(this.max / 2), 1);
    if (letGo !== undefined) {
      judgeAttempt(letGo);
      letGo.release();
    }
    return letGo;
  }

  /** Gives each attempt that has ended its final status. */
  judge(): void {
    for (const attempt of this.#kept) judgeAttempt(attempt);
  }

  /**
   * The same for all of them: an exchange that never came to its end was aborted at `at` (monotonic milliseconds).
   */
  settle(at: number): void {
    for (const attempt of this.#kept) {
      if (attempt.endedAt === undefined) end(attempt, at);
      judgeAttempt(attempt);
      if (attempt.status !== 'failed') attempt.sent?.release();
    }
  }

  /** The last exchange is over, whether or not its body has ended: its call is tried again. */
  endLast(at: number): void {
    if (this.last !== undefined) end(this.last, at);
  }

  /** Lets go of everything, bodies above all: a context may keep the step alive long after its end. */
  clear(): void {
    for (const attempt of this.#kept) attempt.release();
    this.#kept = NONE;
  }
}

function end(attempt: Attempt, at: number): void {
  attempt.ending = 'aborted';
  attempt.endedAt = Math.max(at, attempt.startedAt);
  judgeAttempt(attempt);
}
