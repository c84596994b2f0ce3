import type { Status } from '../types.js';
import { type Failure, type Outcome, withoutError } from './outcome.js';

const PRIORITY: Readonly<Record<Status, number>> = { in_progress: 0, interrupted: 1, error: 2, completed: 3 };

/** What runs and steps have in common: how they stand, and that they end. */
export abstract class Recorded {
  /** Monotonic milliseconds. */
  endedAt: number | undefined;
  /** How many runs that failed alike it stands for, itself included, where it was the reason to keep its run. */
  represents: number | undefined;
  #status: Status = 'in_progress';
  #failure: Failure | undefined;

  get status(): Status {
    return this.#status;
  }

  /** What it failed with, or was broken off by. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  get closed(): boolean {
    return this.endedAt !== undefined;
  }

  /** Takes an outcome until the end; after it, it comes too late. */
  finish(outcome: Outcome): void {
    if (!this.closed) this.take(outcome);
  }

  /** Forgets the application's error object, which may hold a prompt: a context may keep the record alive for long. */
  protected forgetError(): void {
    this.#failure = withoutError(this.#failure);
  }

  /** Puts an outcome in the place of the one before it, whatever that was. */
  protected replace(outcome: Outcome): void {
    this.#status = outcome.status;
    this.#failure = outcome.status === 'completed' ? undefined : outcome.failure;
  }

  /**
   * A later outcome takes the place of one of the same or lower priority, never of a higher one; a success
   * clears the error before it (reference row R9).
   */
  protected take(outcome: Outcome): void {
    if (PRIORITY[outcome.status] < PRIORITY[this.#status]) return;
    this.replace(outcome);
  }
}
