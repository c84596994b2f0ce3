import type { KeepRules } from '../sampling/error-kind-sampler.js';
import { guarded } from '../self-diagnostics.js';
import type { Failure, Recorded } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture } from '../types.js';
import * as debugLines from './debug-lines.js';
import type { Evictions } from './evictions.js';
import type { EndedRecord, EvidenceGate } from './evidence-gate.js';
import type { RunRecord } from './run-record.js';
import { type Decision, dropped, KEPT, lost, type RunTally } from './run-tally.js';

export interface RecordSink {
  step(run: RunRecord, step: StepRecord): void;
  run(run: RunRecord): void;
}

export interface RetentionParts {
  readonly rules: KeepRules;
  /** Maximum number of ended steps and runs held for one run. Beyond it, the oldest are dropped. */
  readonly maxHeld: number;
  readonly gate: EvidenceGate;
  readonly sink: RecordSink;
  readonly tally: RunTally;
  readonly evictions: Evictions;
}

/**
 * Decides which ended records are written, and when.
 *
 * In full capture all are written at once. In errors mode nothing is written until the first evidence: a step or run
 * that failed with a kind to keep. That one is written at once, since the process may not live until its run ends.
 * Runs inside a run share its decision: the outermost one that has not ended holds what may still be written.
 */
export class Retention {
  readonly #held = new WeakMap<RunRecord, EndedRecord[]>();

  constructor(private readonly parts: RetentionParts) {}

  step(run: RunRecord, step: StepRecord): void {
    const evidence = this.parts.gate.evidenceIn(step.status, step.failure);
    this.#decide({ run, step }, step.capture === 'full', evidence);
  }

  run(run: RunRecord): void {
    const evidence = this.parts.gate.evidenceIn(run.status, run.failure);
    this.#decide({ run, step: undefined }, run.kept || run.capture === 'full', evidence);
    if (this.parts.rules.decide === 'collector') this.#flush(run);
    this.forget(run);
  }

  drop(run: RunRecord): void {
    this.parts.tally.decided(run, dropped('off'));
    this.forget(run);
  }

  /** Drops a successful run of which nothing is or will be written. */
  dropSuccess(run: RunRecord): void {
    this.#release({ run, step: undefined });
    this.forget(run);
  }

  /** Whether a success in this capture may be written, now or later. */
  mayWriteSuccess(capture: Capture): boolean {
    const { retain, decide } = this.parts.rules;
    return capture === 'full' || retain === 'run' || decide === 'collector';
  }

  /** Whether a settled step or run may be written now. The budget may still refuse it. */
  mayWrite(run: RunRecord, { status, failure }: Recorded, capture: Capture): boolean {
    const { gate, rules } = this.parts;
    if (capture === 'full' || decisionRoot(run).kept || rules.decide === 'collector') return true;
    return gate.evidenceIn(status, failure) !== undefined;
  }

  /**
   * Drops the held records of a run.
   *
   * @param why the decision for the held runs. Default: that of the run.
   */
  forget(run: RunRecord, why?: Decision): void {
    for (const ended of this.#held.get(run) ?? []) this.#release(ended, why);
    this.#held.delete(run);
  }

  #decide(ended: EndedRecord, isDue: boolean, evidence: Failure | undefined): void {
    const { retain, decide } = this.parts.rules;
    const root = decisionRoot(ended.run);
    debugLines.failureJudged(ended.step ?? ended.run, evidence !== undefined);
    const isAdmitted = evidence !== undefined && this.parts.gate.admits(ended, root, evidence, isDue);
    if (isDue || isAdmitted) {
      if (evidence !== undefined && retain === 'run') this.#flush(root);
      if (evidence !== undefined && !isDue) this.#writeFailing(ended, root, evidence);
      else this.#write(ended);
    } else if (retain === 'run' && root.kept) this.#write(ended);
    else if (root.keeping.isOverBudget) {
      this.forget(root);
      this.#release(ended);
    } else if (retain === 'run' || decide === 'collector') this.#hold(root, ended);
    else this.#release(ended);
  }

  /** Writes a failed step in errors capture, after the decision about its content. */
  #writeFailing(ended: EndedRecord, root: RunRecord, evidence: Failure): void {
    const { run, step } = ended;
    if (step === undefined) {
      this.#write(ended);
      return;
    }
    run.keeping.markWritten();
    this.parts.gate.decideContent(run, root, evidence, (withContent) =>
      guarded('a record could not be written', undefined, () => {
        if (withContent) step.showContent();
        this.#write(ended);
      }),
    );
  }

  #write({ run, step }: EndedRecord): void {
    run.keeping.markWritten();
    if (step === undefined) this.#writeRun(run);
    else {
      this.parts.sink.step(run, step);
      step.discard();
    }
  }

  #writeRun(run: RunRecord): void {
    let decision = lost('not_written');
    try {
      this.parts.sink.run(run);
      decision = KEPT;
    } finally {
      this.parts.tally.decided(run, decision);
    }
  }

  #release(
    { run, step }: EndedRecord,
    why = dropped(run.keeping.isOverBudget ? 'budget' : 'no_evidence'),
  ): void {
    if (step === undefined) this.parts.tally.decided(run, why);
    else step.discard();
  }

  #hold(root: RunRecord, ended: EndedRecord): void {
    const held = this.#held.get(root) ?? [];
    this.#held.set(root, held);
    ended.step?.attempts.dropContent();
    held.push(ended);
    if (held.length <= this.parts.maxHeld) return;
    const oldest = held.shift();
    if (oldest !== undefined) this.#release(oldest, lost('max_steps'));
    this.parts.evictions.add('max_steps');
  }

  #flush(run: RunRecord): void {
    const held = this.#held.get(run) ?? [];
    this.#held.delete(run);
    for (const ended of held) this.#write(ended);
  }
}

/** Returns the outermost run of the decision on this one. */
function decisionRoot(run: RunRecord): RunRecord {
  const { decidedWith } = run;
  return decidedWith === undefined ? run : decisionRoot(decidedWith);
}
