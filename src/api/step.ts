import { UNRECORDED_STEP } from '../nothing-started.js';
import { processState } from '../process-state.js';
import type { Scope, SharedStep } from '../run/call-context.js';
import { guarded } from '../self-diagnostics.js';
import { COMPLETED, INTERRUPTED, type Outcome, outcomeOfError, outcomeOfThrown } from '../step/outcome.js';
import type { PendingWork, StepRecord, StepStart } from '../step/step-record.js';
import type { Step, StepOptions, TokenUsage } from '../types.js';
import { type CallObserver, observeCall } from './observe-call.js';

/**
 * Calls `fn` as one step (one logical model call) of the current run. HTTP exchanges inside `fn` are the attempts of
 * the step. Outside a run, `withStep` only calls `fn`. Inside another step, `fn` is part of that step.
 *
 * The step ends when `fn` settles. If `fn` returns a stream, the step ends with the exchange that feeds the stream. If
 * `fn` returns a thenable of an SDK that is never awaited, the step ends with the last exchange.
 *
 * @param options describe the call. Default: the values of the run.
 * @returns what `fn` returns. What `fn` throws is rethrown and recorded as the error of the step, unless the step
 *   already has a status of higher priority.
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
  return scope.run({ run: current?.run, step: record }, () => observeCall(() => fn(step), step));
}

/**
 * Calls `fn` so that all steps opened inside it, in the current run, are one step. Use it around a retry loop of the
 * application. A success after a failure clears the error.
 *
 * @returns what `fn` returns. What `fn` throws is rethrown.
 */
export function reuseStep<T>(fn: () => T): T {
  const { started, scope } = processState();
  const current = started && scope.getStore();
  if (current?.run === undefined || current.step !== undefined || current.shared !== undefined) return fn();
  const shared: SharedStep = { step: undefined };
  let isReleased = false;
  const release = (): void => {
    if (!isReleased) shared.step?.release();
    isReleased = true;
  };
  return scope.run({ run: current.run, shared }, () =>
    observeCall(fn, { returned: release, threw: release }),
  );
}

/** Opens and holds a step in `current`: a new one, or the one that `reuseStep` shares. */
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

class RecordedStep implements Step, CallObserver {
  /** The application set an outcome, so a result of the function does not make the step a success. */
  #hasOutcome = false;
  /** The function returned a thenable, which may settle after the step was released. */
  #leftCall = false;

  constructor(private readonly record: StepRecord) {}

  get number(): number {
    return this.record.number;
  }

  fail(error: unknown): void {
    guarded('the failure of a step could not be recorded', undefined, () =>
      this.#finish(outcomeOfError(error, this.record.provider)),
    );
  }

  interrupt(): void {
    this.#finish(INTERRUPTED);
  }

  complete(): void {
    this.#finish(COMPLETED);
  }

  usage(usage: TokenUsage): void {
    guarded('the usage of a step could not be recorded', undefined, () => this.record.setUsage(usage));
  }

  returned(pending: PendingWork, value: unknown): void {
    const isStreaming =
      pending === 'nothing' && typeof value === 'object' && value !== null && this.record.streams;
    if (pending === 'nothing' && !isStreaming && !this.#hasOutcome) this.record.succeed();
    this.#release(isStreaming ? 'stream' : pending);
  }

  threw(error: unknown): void {
    const outcome = outcomeOfThrown(error, this.record.attempts.last, this.record.provider);
    if (outcome !== undefined) this.record.finish(outcome);
    this.#release('nothing');
  }

  #release(pending: PendingWork): void {
    if (this.#leftCall) this.record.callSettled(pending);
    else if (pending === 'call') this.record.leaveCall();
    else this.record.release(pending);
    this.#leftCall = pending === 'call';
  }

  #finish(outcome: Outcome): void {
    this.#hasOutcome = true;
    this.record.finish(outcome);
  }
}
