import type { Attempt, AttemptLog } from '../attempt/attempt.js';
import type { Caller } from '../attempt/callers.js';
import type { CallContext } from './call-context.js';
import type { Identity } from './retry-evidence.js';
import type { OpenCall, RunRecord } from './run-record.js';

/** What a call needs once it deserves more than to be counted. */
export interface HealthyCallOwner {
  /** Opens the step of the call, in its run or with one of its own; `undefined` where that is not possible. */
  open(call: HealthyCall): AttemptLog | undefined;
  /** The call was completed, and nothing of it will be written: counts it, or returns false. */
  completed(call: HealthyCall): boolean;
  /** Judges the exchange of the call a moment later, and tells the call; or returns false. */
  judgesLater(call: HealthyCall): boolean;
}

/**
 * A model call in errors capture of which nothing is to be recorded so far: one exchange that has not failed. It has
 * no step, and outside of every run no run. It gets them when its exchange fails, is aborted or refused, or when
 * somebody looks at the steps of its run. Most calls end without.
 */
export class HealthyCall implements AttemptLog, OpenCall {
  #log: AttemptLog | undefined;
  #isOver = false;

  constructor(
    readonly attempt: Attempt,
    readonly caller: Caller<CallContext>,
    /** The run that it was made in, or who made it outside of every run. */
    readonly place: RunRecord | Identity,
    /** Its number in that run; 0 outside. */
    readonly number: number,
    private readonly owner: HealthyCallOwner,
  ) {}

  active(at: number): void {
    this.#log?.active(at);
  }

  refused(attempt: Attempt): void {
    this.becomeStep()?.refused?.(attempt);
  }

  ended(attempt: Attempt): void {
    if (this.#isOver) this.#log?.ended(attempt);
    else if (attempt.isJudged || attempt.ending !== 'clean' || !this.owner.judgesLater(this)) this.judged();
  }

  /** All is known of its exchange that will be, or it has not gone well. */
  judged(): void {
    if (this.#isOver) return;
    if (isHealthy(this.attempt) && this.owner.completed(this)) this.#isOver = true;
    else this.becomeStep()?.ended(this.attempt);
  }

  /** Gives the call its step. */
  becomeStep(): AttemptLog | undefined {
    if (this.#isOver) return this.#log;
    this.#isOver = true;
    this.#log = this.owner.open(this);
    return this.#log;
  }
}

/** It went well, and the provider does not go on with it. */
function isHealthy({ status, ending, isJudged, response }: Attempt): boolean {
  return status === 'completed' && ending === 'clean' && isJudged && response?.isUnderWay !== true;
}
