import { processState } from '../process-state.js';
import type { RunRecord } from '../run/run-record.js';
import { randomId } from '../run/trace-position.js';
import { guarded } from '../self-diagnostics.js';
import { COMPLETED, outcomeOfError } from '../step/outcome.js';
import type { Left } from '../step/step-record.js';
import type { Run } from '../types.js';
import { type GeneratingRun, keepInRun } from './generator.js';
import type { Ends } from './result.js';

/** What the application holds of a run that is recorded; a function that is the run ends it. */
export class RecordedRun implements GeneratingRun, Ends {
  /** The application said that it failed: what its function gives back says no more. */
  #failed = false;
  #released = false;

  /** That of the start which this run belongs to; there may be another by the time it is used. */
  readonly #scope = processState().scope;

  constructor(private readonly record: RunRecord) {}

  get id(): string {
    return this.record.id;
  }

  get traceId(): string | undefined {
    return this.record.position.traceId;
  }

  with<T>(fn: () => T): T {
    return this.#scope.run({ run: this.record }, fn);
  }

  fail(error: unknown): void {
    this.#failed = true;
    guarded('the failure of a run could not be recorded', undefined, () =>
      this.record.finish(outcomeOfError(error, this.record.provider)),
    );
  }

  end(): void {
    this.#succeed();
    this.#release(false);
  }

  returned(left: Left, value: unknown): void {
    if (left === 'nothing') this.#succeed();
    else keepInRun(value, this);
    this.#release(left !== 'nothing');
  }

  threw(error: unknown): void {
    this.fail(error);
    this.#release(false);
  }

  generated(): void {
    guarded('the end of a run could not be recorded', undefined, () => this.record.endLinger());
  }

  #succeed(): void {
    if (!this.#failed) this.record.finish(COMPLETED);
  }

  /** @param lingers steps may still begin, since a stream was given back */
  #release(lingers: boolean): void {
    if (this.#released) return;
    this.#released = true;
    guarded('the end of a run could not be recorded', undefined, () => this.record.release(lingers));
  }
}

/** What the application holds where nothing is recorded; inside it, nothing is either. */
export class UnrecordedRun implements Run {
  readonly traceId = undefined;
  readonly id: string;

  constructor(id: string | undefined) {
    this.id = id ?? randomId();
  }

  with<T>(fn: () => T): T {
    const { started, scope } = processState();
    return started === undefined ? fn() : scope.run({ run: undefined }, fn);
  }

  fail(): void {}

  end(): void {}
}
