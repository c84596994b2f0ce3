import type { StepRecord } from '../step/step-record.js';
import type { RunRecord } from './run-record.js';

/** What the current async context is inside of. */
export interface Scope {
  /** `undefined` inside a run that is not recorded. */
  readonly run: RunRecord | undefined;
  readonly step?: StepRecord | undefined;
  /** The step that calls under `reuseStep` share, once the first of them has opened it. */
  readonly shared?: SharedStep | undefined;
}

export interface SharedStep {
  step: StepRecord | undefined;
}
