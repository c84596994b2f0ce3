import type { KeepRules } from '../sampling/keep-rules.js';
import type { Failure } from '../step/outcome.js';
import type { Recorded } from '../step/recorded.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture } from '../types.js';
import * as debugLines from './debug-lines.js';
import type { Evictions } from './evictions.js';
import type { Ended, EvidenceGate } from './evidence-gate.js';
import type { RunRecord } from './run-record.js';
import { type Decision, dropped, KEPT, lost, type RunTally } from './run-tally.js';

/** Where records go that are to be written. */
export interface RecordSink {
  step(run: RunRecord, step: StepRecord): void;
  run(run: RunRecord): void;
}

export interface RetentionParts {
  readonly rules: KeepRules;
  /** How many ended steps and runs may be held for one run; of more, the oldest go. */
  readonly maxHeld: number;
  readonly gate: EvidenceGate;
  readonly sink: RecordSink;
  readonly tally: RunTally;
  readonly evictions: Evictions;
}

/**
 * Decides which of the records that have ended are written, and when.
 *
 * In full capture all are, at once. In errors mode nothing is until the first evidence, a step or run that
 * failed with a kind to keep; that one is written at once, since the process may not live to see the end of
 * its run. Runs inside a run share its decision: what may yet be wanted is held by the outermost of them that
 * has not ended.
 */
export class Retention {
  readonly #held = new WeakMap<RunRecord, Ended[]>();

  constructor(private readonly parts: RetentionParts) {}

  step(run: RunRecord, step: StepRecord): void {
    const evidence = this.parts.gate.evidenceIn(step.status, step.failure);
    this.#take({ run, step }, step.capture === 'full', evidence);
  }

  run(run: RunRecord): void {
    const evidence = this.parts.gate.evidenceIn(run.status, run.failure);
    this.#take({ run, step: undefined }, run.kept || run.capture === 'full', evidence);
    if (this.parts.rules.decide === 'collector') this.#flush(run);
    this.forget(run);
  }

  /** A run has ended whose capture is off by now. */
  drop(run: RunRecord): void {
    this.parts.tally.decided(run, dropped('off'));
    this.forget(run);
  }

  /** A run has succeeded of which nothing is or will be written. */
  dropSuccess(run: RunRecord): void {
    this.#release({ run, step: undefined });
    this.forget(run);
  }

  /** Whether something that succeeded under this capture may be written, now or later. */
  mayWriteSuccess(capture: Capture): boolean {
    const { retain, decide } = this.parts.rules;
    return capture === 'full' || retain === 'run' || decide === 'collector';
  }

  /** Whether a step or run that has its outcome is written now, as far as can be told before the budget is asked. */
  mayWrite(run: RunRecord, { status, failure }: Recorded, capture: Capture): boolean {
    const { gate, rules } = this.parts;
    if (capture === 'full' || holder(run).kept || rules.decide === 'collector') return true;
    return gate.evidenceIn(status, failure) !== undefined;
  }

  /**
   * Lets go of what is held for a run.
   *
   * @param why what became of the runs among it; by default they were dropped as the run was
   */
  forget(run: RunRecord, why?: Decision): void {
    for (const ended of this.#held.get(run) ?? []) this.#release(ended, why);
    this.#held.delete(run);
  }

  #take(ended: Ended, isDue: boolean, evidence: Failure | undefined): void {
    const { retain, decide } = this.parts.rules;
    const home = holder(ended.run);
    debugLines.failureJudged(ended.step ?? ended.run, evidence !== undefined);
    const isAdmitted = evidence !== undefined && this.parts.gate.admits(ended, home, evidence, isDue);
    if (isDue || isAdmitted) {
      if (evidence !== undefined && retain === 'run') this.#flush(home);
      this.#write(ended);
    } else if (retain === 'run' && home.kept) this.#write(ended);
    else if (home.keeping.isOverBudget) {
      this.forget(home);
      this.#release(ended);
    } else if (retain === 'run' || decide === 'collector') this.#hold(home, ended);
    else this.#release(ended);
  }

  #write({ run, step }: Ended): void {
    run.keeping.written();
    if (step === undefined) this.#writeRun(run);
    else {
      this.parts.sink.step(run, step);
      step.letGo();
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

  #release({ run, step }: Ended, why = dropped(run.keeping.isOverBudget ? 'budget' : 'no_evidence')): void {
    if (step === undefined) this.parts.tally.decided(run, why);
    else step.letGo();
  }

  #hold(home: RunRecord, ended: Ended): void {
    const held = this.#held.get(home) ?? [];
    this.#held.set(home, held);
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

/** The outermost run that is decided on together with this one; itself, where none is. */
function holder(run: RunRecord): RunRecord {
  const { decidedWith } = run;
  return decidedWith === undefined ? run : holder(decidedWith);
}
