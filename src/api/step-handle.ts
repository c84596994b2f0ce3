import { guarded } from '../self-diagnostics.js';
import { COMPLETED, INTERRUPTED, type Outcome, outcomeOfError } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import type { Step, TokenUsage } from '../types.js';

/** What the application holds of a step that is recorded. */
export class RecordedStep implements Step {
  readonly number: number;
  /** The application said how it ended: what its function gives back says no more. */
  told = false;

  constructor(private readonly record: StepRecord) {
    this.number = record.number;
  }

  fail(error: unknown): void {
    guarded('the failure of a step could not be recorded', undefined, () =>
      this.#tell(outcomeOfError(error, this.record.provider)),
    );
  }

  interrupt(): void {
    this.#tell(INTERRUPTED);
  }

  complete(): void {
    this.#tell(COMPLETED);
  }

  usage(usage: TokenUsage): void {
    guarded('the usage of a step could not be recorded', undefined, () => this.record.setUsage(usage));
  }

  #tell(outcome: Outcome): void {
    this.told = true;
    this.record.finish(outcome);
  }
}

/** What the application holds where nothing is recorded. */
export const UNRECORDED_STEP: Step = Object.freeze({
  number: 0,
  fail() {},
  interrupt() {},
  complete() {},
  usage() {},
});
