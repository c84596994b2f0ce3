import { fingerprintOf } from '../error/index.js';
import { isEvidence, type KeepRules } from '../sampling/error-kind-sampler.js';
import type { Failure } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import * as debugLines from './debug-lines.js';
import type { KeptBudget } from './kept-budget.js';
import { type ContentGate, callHook, keptRun, type OnKeep } from './on-keep.js';
import type { RunRecord } from './run-record.js';

/** A step that has ended; a run if `step` is undefined. */
export interface EndedRecord {
  readonly run: RunRecord;
  readonly step: StepRecord | undefined;
}

/**
 * Decides what is evidence for keeping a run, and whether the budget admits it. The first evidence decides for a run
 * and all runs inside it. After a refusal, only an error with a new fingerprint can keep the run.
 */
export class EvidenceGate {
  readonly #answers = new WeakMap<RunRecord, unknown>();

  constructor(
    private readonly rules: KeepRules,
    private readonly budget: KeptBudget,
    private readonly onKeep: OnKeep | undefined,
    private readonly contents: ContentGate,
  ) {}

  /** Returns the failure of a step or run that has ended, if it is of a kind to keep. */
  evidenceIn(status: string, failure: Failure | undefined): Failure | undefined {
    return isEvidence(this.rules, status, failure?.classification.kind) ? failure : undefined;
  }

  /**
   * Decides whether the run is kept, and calls `onKeep` at the first evidence.
   *
   * @param root the outermost run of the decision
   * @param isDue whether the record is written in any case
   * @returns whether the record is written for its evidence; always false if a Collector decides
   */
  admits({ run, step }: EndedRecord, root: RunRecord, evidence: Failure, isDue: boolean): boolean {
    const decides = this.rules.decide === 'process';
    const isFirst = root.evidence === undefined;
    const fingerprint = fingerprintOf(evidence.classification);
    const isSettled = decides && (isDue || root.kept);
    if (isSettled) this.budget.record(fingerprint);
    const usesBudget = decides && !isSettled;
    const represents = usesBudget ? this.#takeBudget(fingerprint, isFirst) : undefined;
    if (usesBudget) debugLines.budgetDecided(run, fingerprint, represents);
    if (represents !== undefined) {
      run.represents = represents;
      if (step !== undefined) step.represents = represents;
    }
    const isKept = isSettled || represents !== undefined;
    for (const one of decidedTogether(run)) {
      one.keeping.addEvidence(evidence, isKept ? 'kept' : decides ? 'over budget' : 'undecided');
    }
    const { onKeep } = this;
    if (isFirst && onKeep !== undefined) {
      const kept = keptRun(run, evidence.classification, fingerprint, !run.keeping.isOverBudget);
      const answer = this.contents.usableAnswer(callHook('onKeep', () => onKeep(kept)));
      if (answer !== undefined) this.#answers.set(root, answer);
    }
    return isKept;
  }

  /**
   * Decides whether a step that is written for its evidence is written with its content.
   *
   * @param write called once: now, or when the promise of the application has settled
   */
  decideContent(
    run: RunRecord,
    root: RunRecord,
    evidence: Failure,
    write: (withContent: boolean) => void,
  ): void {
    const { classification } = evidence;
    const kept = keptRun(run, classification, fingerprintOf(classification), true);
    this.contents.decide(kept, classification, this.#answers.get(root), write);
  }

  /** A run that the budget refused is already counted: if it is kept later, it represents 0 runs. */
  #takeBudget(fingerprint: string, isFirst: boolean): number | undefined {
    if (isFirst) return this.budget.take(fingerprint);
    if (this.budget.has(fingerprint)) return undefined;
    this.budget.record(fingerprint);
    return 0;
  }
}

function* decidedTogether(run: RunRecord): Iterable<RunRecord> {
  for (let one: RunRecord | undefined = run; one !== undefined; one = one.decidedWith) yield one;
}
