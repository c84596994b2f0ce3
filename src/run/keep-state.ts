import { type Failure, withoutError } from '../step/outcome.js';

/**
 * Whether a run is kept, and why. The only place where this changes:
 *
 *     undecided --- evidence, within the budget; written ------------> kept
 *         |                                                             ^
 *         +--- evidence, beyond the budget --> over budget --- another -+
 *
 * Evidence that a Collector decides on leaves it undecided. At its end a run that is not kept is dropped.
 */
export class KeepState {
  #state: 'undecided' | 'over budget' | 'kept' = 'undecided';
  #evidence: Failure | undefined;

  /** The first error for which it is kept, or would be but for the budget. */
  get evidence(): Failure | undefined {
    return this.#evidence;
  }

  /** Something of it has been written, or is about to be: then it is written itself. */
  get isKept(): boolean {
    return this.#state === 'kept';
  }

  /** There was evidence, and the budget for such errors left it out. */
  get isOverBudget(): boolean {
    return this.#state === 'over budget';
  }

  /** A step or run in it ended with an error of a kind to keep. */
  found(evidence: Failure, verdict: 'kept' | 'over budget' | 'undecided'): void {
    this.#evidence ??= evidence;
    if (this.#state !== 'kept' && verdict !== 'undecided') this.#state = verdict;
  }

  /** Something of it is written. */
  written(): void {
    this.#state = 'kept';
  }

  /** Releases the application's error object. */
  release(): void {
    this.#evidence = withoutError(this.#evidence);
  }
}
