import { guarded } from '../self-diagnostics.js';
import { outcomeOfThrown } from '../step/consequence.js';
import { COMPLETED, INTERRUPTED, type Outcome, outcomeOfError } from '../step/outcome.js';
import type { Left, StepRecord } from '../step/step-record.js';
import type { Step, TokenUsage } from '../types.js';
import type { Ends } from './result.js';

/** What the application holds of a step that is recorded; the function that is the step ends it. */
export class RecordedStep implements Step, Ends {
  /** The application said how it ended: what its function gives back says no more. */
  #told = false;

  constructor(private readonly record: StepRecord) {}

  get number(): number {
    return this.record.number;
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

  returned(left: Left, value: unknown): void {
    const leftOpen = left === 'nothing' && typeof value === 'object' && value !== null && this.record.streams;
    if (left === 'nothing' && !leftOpen && !this.#told) this.record.succeed();
    this.record.release(leftOpen ? 'stream' : left);
  }

  threw(error: unknown): void {
    const outcome = outcomeOfThrown(error, this.record.attempts.last, this.record.provider);
    if (outcome !== undefined) this.record.finish(outcome);
    this.record.release();
  }

  #tell(outcome: Outcome): void {
    this.#told = true;
    this.record.finish(outcome);
  }
}
