import type { ExportOutcome } from './export-outcome.js';

/** Twice the halvings of a batch of 512, and some: more than one bad span costs before another is accepted. */
const MOST_REFUSALS_IN_A_ROW = 20;

/**
 * Narrows a refused batch down to the span that is at fault, by halves. An endpoint that accepts nothing at
 * all is not asked a thousand times: after too many refusals in a row, batches are given up whole until one
 * is accepted again.
 */
export class Bisection {
  #refusalsInARow = 0;

  accepted(): void {
    this.#refusalsInARow = 0;
  }

  /** The two halves, in order; `undefined` where the batch is to be given up. */
  halves<T>(
    batch: readonly T[],
    { reason }: Extract<ExportOutcome, { kind: 'split' }>,
  ): [T[], T[]] | undefined {
    // What can't be serialised is found without asking anybody.
    if (reason !== 'not_serialisable') this.#refusalsInARow++;
    if (batch.length < 2 || this.#refusalsInARow > MOST_REFUSALS_IN_A_ROW) return undefined;
    const middle = batch.length >> 1;
    return [batch.slice(0, middle), batch.slice(middle)];
  }
}
