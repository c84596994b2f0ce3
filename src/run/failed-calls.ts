import { abortOf } from '../attempt/abort.js';
import { type Classification, explainError } from '../error/index.js';
import {
  type AbortSource,
  causesOf,
  isSameFailure,
  isUnreportedReason,
  isWrapper,
} from '../step/consequence.js';
import { type Failure, INTERRUPTED, type Outcome, outcomeOfAbort, withoutError } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';

/** Of more, the oldest are forgotten. */
const MAX_CALLS = 16;

interface FailedCall {
  /** Without the application's error object. */
  readonly outcome: Outcome;
  /** What the application may have been thrown: held weakly, since a run may live for long. */
  readonly errors: readonly Held[];
  /** Where the application aborted it. */
  readonly abort: AbortSource | undefined;
}

type Held = WeakRef<object> | string | number | boolean | bigint | symbol | null;

/**
 * The steps of a run, and the runs inside it, that failed or were interrupted. They tell whether what the run's
 * function threw is a consequence of one of them.
 */
export class FailedCalls {
  #calls: readonly FailedCall[] = [];
  /** The last step that was opened, if that was not a success: an earlier one may wait for another try and end later. */
  #last: FailedCall | undefined;
  #lastNumber = 0;

  /** A step was completed, without an abort. */
  callCompleted(number: number): void {
    if (number < this.#lastNumber) return;
    this.#last = undefined;
    this.#lastNumber = number;
  }

  /** The step has its outcome, and still its attempts. */
  stepEnded({ number, status, failure, attempts: { last } }: StepRecord): void {
    const abort = last && abortOf(last);
    const isLast = number >= this.#lastNumber;
    if (isLast) {
      this.#last = undefined;
      this.#lastNumber = number;
    }
    if (status === 'completed' && abort === undefined) return;
    const isError = status === 'error' && failure !== undefined;
    // Of a success that was aborted behind its terminal event the function may still throw the reason.
    const outcome: Outcome = isError ? { status, failure } : { status: 'interrupted', failure };
    const call = this.#add(outcome, [failure?.error, last?.error, abort?.reason], abort);
    if (isLast && status !== 'completed') this.#last = call;
  }

  /** @param thrown what the function of the run inside threw */
  childEnded(status: string, failure: Failure | undefined, thrown: unknown): void {
    if (status === 'error' && failure !== undefined) this.#add({ status, failure }, [failure.error, thrown]);
    else if (status === 'interrupted') this.#add(INTERRUPTED, [failure?.error, thrown]);
  }

  /**
   * The outcome of the call that a run failed as a consequence of; `undefined` where it failed by itself. A call that
   * was followed by a success counts only if its error was thrown, or is a cause of what was.
   */
  causeOf({ error, classification }: Failure): Outcome | undefined {
    // What the application has classified itself stands.
    if (explainError(error).rule === 'attached') return undefined;
    const call =
      this.#thrownBy(error, classification) ?? (this.#isLast(error, classification) ? this.#last : undefined);
    if (call === undefined) return undefined;
    const { outcome } = call;
    if (outcome.status !== 'error') return outcomeOfAbort(error);
    return { status: 'error', failure: { error, classification: outcome.failure.classification } };
  }

  clear(): void {
    this.#calls = [];
    this.#last = undefined;
  }

  /** A call may be aborted with the error of another as the reason: then that other one is the cause. */
  #thrownBy(error: unknown, classification: Classification): FailedCall | undefined {
    const causes = causesOf(error);
    const calls = this.#calls.filter(({ errors }) => errors.some((one) => isAmong(causes, one)));
    if (calls.length === 0) return undefined;
    const failed = calls.findLast(({ outcome }) => outcome.status === 'error');
    return failed ?? this.#calls.findLast((call) => isOf(call, classification)) ?? calls.at(-1);
  }

  #isLast(error: unknown, classification: Classification): boolean {
    if (this.#last === undefined) return false;
    const { abort } = this.#last;
    if (isWrapper(error)) return true;
    if (abort !== undefined && classification.kind === 'interrupted') return true;
    if (abort !== undefined && isUnreportedReason(error, abort))
      return !this.#calls.some((call) => isOf(call, classification));
    return isOf(this.#last, classification);
  }

  #add(outcome: Outcome, errors: readonly unknown[], abort?: AbortSource): FailedCall {
    const source = abort && { isBySignal: abort.isBySignal, isReasonHidden: abort.isReasonHidden };
    const call: FailedCall = { outcome: released(outcome), errors: errors.flatMap(held), abort: source };
    this.#calls = [...this.#calls.slice(1 - MAX_CALLS), call];
    return call;
  }
}

/** Whether an exception says of itself what a failed call ended with. */
function isOf({ outcome }: FailedCall, thrown: Classification): boolean {
  return outcome.status === 'error' && isSameFailure(thrown, outcome.failure.classification);
}

function released(outcome: Outcome): Outcome {
  if (outcome.status === 'completed') return outcome;
  const failure = withoutError(outcome.failure);
  return outcome.status === 'error' && failure !== undefined
    ? { status: 'error', failure }
    : { status: 'interrupted', failure };
}

function held(error: unknown): Held | [] {
  if (typeof error === 'object' && error !== null) return new WeakRef(error);
  return error === undefined || typeof error === 'function' ? [] : (error as Held);
}

function isAmong(causes: readonly unknown[], one: Held): boolean {
  const error = one instanceof WeakRef ? one.deref() : one;
  return error !== undefined && causes.includes(error);
}
