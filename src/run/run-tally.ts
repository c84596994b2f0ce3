import type { Attempt } from '../attempt/attempt.js';
import type { StepRecord } from '../step/step-record.js';
import * as debugLines from './debug-lines.js';
import type { RunRecord } from './run-record.js';

/**
 * Why a run was dropped.
 * - `no_evidence`: nothing happened for which it would be kept.
 * - `budget`: others stand for it, of the same fingerprint.
 * - `off`: the application switched its capture off.
 */
export type DropReason = 'no_evidence' | 'budget' | 'off';

/**
 * Why a run that was to be kept, or might have been, was not written.
 * - `max_runs`: it was given up, and never ended.
 * - `max_steps`: too much was held for the run around it.
 * - `not_written`: writing it failed.
 */
export type LostReason = 'max_runs' | 'max_steps' | 'not_written';

const WORDS: Readonly<Record<DropReason | LostReason, string>> = {
  no_evidence: 'nothing in it failed with a kind to keep',
  budget: 'others stand for it, of the same fingerprint',
  off: 'its capture is off by now',
  max_runs: 'more runs were under way than maxRuns',
  max_steps: 'more was held for the run around it than maxSteps',
  not_written: 'writing it failed',
};

/** What became of a run. What is kept may still be lost on its way: the delivery counts that, in spans. */
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

/** Who is told of what ends. */
export interface RunObserver {
  /** From time to time. */
  ticked(): void;
  /** The step has its outcome, and its attempts theirs. */
  stepEnded(run: RunRecord, step: StepRecord): void;
  /** An attempt of the middle is not among those of its step any more. */
  attemptLetGo(step: StepRecord, attempt: Attempt): void;
  /** Once for each run, but for those that only count. */
  runDecided(run: RunRecord, decision: Decision): void;
  /** Whether it takes what it is told: then no run or step may only count. */
  readonly isMeasuring: boolean;
}

/** Runs since start-up: `started` is the sum of the rest. Reasons without a run are left out. */
export interface RunCounts {
  readonly started: number;
  /** Under way, or given up and not ended. */
  readonly undecided: number;
  readonly kept: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly lost: Readonly<Partial<Record<LostReason, number>>>;
}

/** Counts every run once by what became of it. */
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
    debugLines.runDecided(run, decision.decision, 'reason' in decision ? WORDS[decision.reason] : undefined);
    this.observer.runDecided(run, decision);
  }

  /** A call outside of every run went well, and nothing was recorded of it. */
  callCompleted(): void {
    if (this.#closed) return;
    this.#decided += 1;
    add(this.#dropped, 'no_evidence');
  }

  /** Nothing ends after this: what was given up and has not ended never will. */
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
