import { processState } from '../process-state.js';
import type { Scope } from '../run/scope.js';
import { guarded } from '../self-diagnostics.js';
import type { StepRecord, StepStart } from '../step/step-record.js';
import type { Step, StepOptions } from '../types.js';
import { watchResult } from './result.js';
import { RecordedStep } from './step-handle.js';
import { UNRECORDED_STEP } from './unrecorded-step.js';

/**
 * Calls `fn` as one step, a logical model call, of the run in the context: the HTTP exchanges inside it are
 * its attempts. Outside a run it just calls `fn`; inside another step, `fn` is part of that one.
 *
 * The step ends when `fn` settles; where `fn` gives back a stream, with the exchange that feeds the stream.
 *
 * @param options what is known of the call; what is left out is taken from the run
 * @returns what `fn` returns; what it throws is thrown on and taken as the step's error, unless the step was
 *   told a stronger outcome
 */
export function withStep<T>(options: StepOptions, fn: (step: Step) => T): T {
  const { started, scope } = processState();
  const current = started && scope.getStore();
  const outer = current?.step;
  if (outer !== undefined && !outer.closed) return fn(new RecordedStep(outer));
  const record =
    current && guarded('a step could not be opened', undefined, () => openStep(current, options));
  if (record === undefined) return fn(UNRECORDED_STEP);
  const step = new RecordedStep(record);
  return scope.run({ run: current?.run, step: record }, () => watchResult(() => fn(step), step));
}

/** A new step, or the one that calls under `reuseStep` share. */
export function openStep(current: Scope, options: StepStart): StepRecord | undefined {
  const { run, shared } = current;
  const step = shared?.step ?? run?.openStep(options ?? {});
  if (shared !== undefined && shared.step === undefined && step !== undefined) {
    shared.step = step;
    step.hold();
  }
  step?.hold();
  return step;
}
