import { fingerprintOf } from '../error/index.js';
import { isEvidence, type KeepRules } from '../sampling/keep-rules.js';
import type { Failure } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import * as debugLines from './debug-lines.js';
import type { KeptBudget } from './kept-budget.js';
import { type OnKeep, tellKept } from './on-keep.js';
import type { RunRecord } from './run-record.js';

/** A step that has ended, or a run that has (then `step` is undefined). */
export interface Ended {
  readonly run: RunRecord;
  readonly step: StepRecord | undefined;
}

/**
 * Tells what is evidence for keeping a run, and whether the budget lets it. The first evidence decides for a run
 * and all that is inside it; afterwards only an error that was never seen before can still have it kept.
 */
export class EvidenceGate {
  constructor(
    private readonly rules: KeepRules,
    private readonly budget: KeptBudget,
    private readonly onKeep: OnKeep | undefined,
  ) {}

  /** What a step or run that ended so failed with, where that is a reason to keep it. */
  evidenceIn(status: string, failure: Failure | undefined): Failure | undefined {
    return isEvidence(this.rules, status, failure?.classification.kind) ? failure : undefined;
  }

  /**
   * Marks the run as one to keep or not to keep, and tells the application of the first evidence.
   *
   * @param home the run for which the decision falls: the outermost one around it
   * @param isDue it is written whatever is decided here
   * @returns whether it is to be written for its evidence; where a Collector decides nothing is
   */
  admits({ run, step }: Ended, home: RunRecord, evidence: Failure, isDue: boolean): boolean {
    const decides = this.rules.decide === 'process';
    const isFirst = home.evidence === undefined;
    const fingerprint = fingerprintOf(evidence.classification);
    const isSettled = decides && (isDue || home.kept);
    if (isSettled) this.budget.note(fingerprint);
    const asks = decides && !isSettled;
    const represents = asks ? this.#ask(fingerprint, isFirst) : undefined;
    if (asks) debugLines.budgetAsked(run, fingerprint, represents);
    if (represents !== undefined) {
      run.represents = represents;
      if (step !== undefined) step.represents = represents;
    }
    const isKept = isSettled || represents !== undefined;
    for (const one of decidedTogether(run)) {
      one.keeping.found(evidence, isKept ? 'kept' : decides ? 'over budget' : 'undecided');
    }
    if (isFirst && this.onKeep !== undefined) {
      tellKept(this.onKeep, run, evidence.classification, fingerprint, !run.keeping.isOverBudget);
    }
    return isKept;
  }

  /** A run that the budget has left out is counted already: where it is kept after all, it stands for nothing more. */
  #ask(fingerprint: string, isFirst: boolean): number | undefined {
    if (isFirst) return this.budget.take(fingerprint);
    if (this.budget.knows(fingerprint)) return undefined;
    this.budget.note(fingerprint);
    return 0;
  }
}

/** The run, and those around it that are decided on together with it: its place is below them. */
function* decidedTogether(run: RunRecord): Iterable<RunRecord> {
  for (let one: RunRecord | undefined = run; one !== undefined; one = one.decidedWith) yield one;
}
