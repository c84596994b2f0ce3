import type { Attempt } from '../attempt/attempt.js';
import type { StepRecord } from '../step/step-record.js';
import type { RunOptions } from '../types.js';
import * as debugLines from './debug-lines.js';
import type { OpenCall } from './open-work.js';
import type { RunRecord } from './run-record.js';

/**
 * Why a run was dropped.
 * - `no_evidence`: nothing in it failed with a kind to keep.
 * - `budget`: kept runs with the same fingerprint represent it.
 * - `off`: its capture was switched off.
 */
export type DropReason = 'no_evidence' | 'budget' | 'off';

/**
 * Why a run that was or might have been kept was not written.
 * - `max_runs`: it was evicted and never ended.
 * - `max_steps`: its parent held more than `maxSteps`.
 * - `not_written`: writing it failed.
 */
export type LostReason = 'max_runs' | 'max_steps' | 'not_written';

const REASONS: Readonly<Record<DropReason | LostReason, string>> = {
  no_evidence: 'nothing in it failed with a kind to keep',
  budget: 'represented by kept runs with the same fingerprint',
  off: 'its capture is off',
  max_runs: 'maxRuns exceeded',
  max_steps: 'maxSteps exceeded',
  not_written: 'it could not be written',
};

/** The final decision on a run. A kept one may still be lost in delivery, which counts spans. */
export type Decision =
  | { readonly decision: 'kept' }
  | { readonly decision: 'dropped'; readonly reason: DropReason }
  | { readonly decision: 'lost'; readonly reason: LostReason };

export const KEPT: Decision = Object.freeze({ decision: 'kept' });

export function dropped(reason: DropReason): Decision {
  return { decision: 'dropped', reason };
}

export function lost(reason: LostReason): Decision {
  return { decision: 'lost', reason };
}

export interface RunObserver {
  ticked(): void;
  /** Called when the step and its attempts have their outcome. */
  stepEnded(run: RunRecord, step: StepRecord): void;
  /** Called when an attempt was dropped from the middle of its step. */
  attemptDropped(step: StepRecord, attempt: Attempt): void;
  /** Called once for each run that has a record. */
  runDecided(run: RunRecord, decision: Decision): void;
  /**
   * Called when a model call without a step has succeeded.
   *
   * @param isRun whether it was made outside any run, and counts as a dropped run
   */
  callCompleted(call: OpenCall, options: RunOptions, isRun: boolean): void;
}

/** Runs since start-up. `started` is the sum of the others. Reasons without a run are absent. */
export interface RunCounts {
  readonly started: number;
  /** Live runs, and evicted runs that have not ended. */
  readonly undecided: number;
  readonly kept: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly lost: Readonly<Partial<Record<LostReason, number>>>;
}

export class RunTally {
  #started = 0;
  #decided = 0;
  #kept = 0;
  #closed = false;
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  readonly #lost: Partial<Record<LostReason, number>> = {};

  constructor(private readonly observer: RunObserver) {}

  started(): void {
    this.#started += 1;
  }

  decided(run: RunRecord, decision: Decision): void {
    if (this.#closed) return;
    this.#decided += 1;
    if (decision.decision === 'kept') this.#kept += 1;
    else if (decision.decision === 'dropped') add(this.#dropped, decision.reason);
    else add(this.#lost, decision.reason);
    debugLines.runDecided(
      run,
      decision.decision,
      'reason' in decision ? REASONS[decision.reason] : undefined,
    );
    this.observer.runDecided(run, decision);
  }

  callCompleted(): void {
    if (this.#closed) return;
    this.#decided += 1;
    add(this.#dropped, 'no_evidence');
  }

  /** Counts evicted runs that have not ended as lost: nothing ends after this. */
  close(): void {
    const { undecided } = this.counts;
    if (!this.#closed && undecided > 0) {
      debugLines.runsNeverEnded(undecided);
      add(this.#lost, 'max_runs', undecided);
    }
    this.#decided = this.#started;
    this.#closed = true;
  }

  get counts(): RunCounts {
    return {
      started: this.#started,
      undecided: this.#started - this.#decided,
      kept: this.#kept,
      dropped: { ...this.#dropped },
      lost: { ...this.#lost },
    };
  }
}

function add<T extends string>(counts: Partial<Record<T, number>>, reason: T, count = 1): void {
  counts[reason] = (counts[reason] ?? 0) + count;
}
