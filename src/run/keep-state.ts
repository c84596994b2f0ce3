import { type Failure, withoutError } from '../step/outcome.js';

/**
 * Whether a run is kept, and why. The only place where this changes:
 *
 *     undecided --- evidence, within the budget; written ------------> kept
 *         |                                                             ^
 *         +--- evidence, beyond the budget --> over budget --- another -+
 *
 * If a Collector decides, evidence leaves it undecided. A run that is not kept at its end is dropped.
 */
export class KeepState {
  #state: 'undecided' | 'over budget' | 'kept' = 'undecided';
  #evidence: Failure | undefined;

  /** The first error of a kind to keep, whether or not the budget keeps the run. */
  get evidence(): Failure | undefined {
    return this.#evidence;
  }

  get isKept(): boolean {
    return this.#state === 'kept';
  }

  get isOverBudget(): boolean {
    return this.#state === 'over budget';
  }

  addEvidence(evidence: Failure, verdict: 'kept' | 'over budget' | 'undecided'): void {
    this.#evidence ??= evidence;
    if (this.#state !== 'kept' && verdict !== 'undecided') this.#state = verdict;
  }

  markWritten(): void {
    this.#state = 'kept';
  }

  release(): void {
    this.#evidence = withoutError(this.#evidence);
  }
}
