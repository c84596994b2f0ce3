import { isEvidence, type KeepRules } from '../sampling/keep-rules.js';
import type { Failure } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture } from '../types.js';
import type { Evictions } from './evictions.js';
import type { RunRecord } from './run-record.js';

/** Where records go that are to be written. */
export interface RecordSink {
  step(run: RunRecord, step: StepRecord): void;
  run(run: RunRecord): void;
}

/** A step that has ended, or a run that has (then `step` is undefined). */
interface Ended {
  readonly run: RunRecord;
  readonly step: StepRecord | undefined;
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

  constructor(
    private readonly rules: KeepRules,
    /** How many ended steps and runs may be held for one run; of more, the oldest go. */
    private readonly maxHeld: number,
    private readonly sink: RecordSink,
    private readonly evictions: Evictions,
  ) {}

  step(run: RunRecord, step: StepRecord): void {
    this.#take({ run, step }, step.capture === 'full', this.#evidence(step.status, step.failure));
  }

  run(run: RunRecord): void {
    this.#take(
      { run, step: undefined },
      run.kept || run.capture === 'full',
      this.#evidence(run.status, run.failure),
    );
    if (this.rules.decide === 'collector') this.#flush(run);
    this.forget(run);
  }

  /** Whether something that succeeded under this capture may be written, now or later. */
  mayWriteSuccess(capture: Capture): boolean {
    return capture === 'full' || this.rules.retain === 'run' || this.rules.decide === 'collector';
  }

  /** Lets go of what is held for a run. */
  forget(run: RunRecord): void {
    for (const { step } of this.#held.get(run) ?? []) step?.attempts.clear();
    this.#held.delete(run);
  }

  #take(ended: Ended, isDue: boolean, evidence: Failure | undefined): void {
    const { retain, decide } = this.rules;
    const home = holder(ended.run);
    if (evidence !== undefined) blame(ended.run, evidence, decide === 'process');
    if (isDue || (evidence !== undefined && decide === 'process')) {
      if (evidence !== undefined && retain === 'run') this.#flush(home);
      this.#write(ended);
    } else if (retain === 'run' && home.kept) this.#write(ended);
    else if (retain === 'run' || decide === 'collector') this.#hold(home, ended);
    else ended.step?.attempts.clear();
  }

  #evidence(status: string, failure: Failure | undefined): Failure | undefined {
    return isEvidence(this.rules, status, failure?.classification.kind) ? failure : undefined;
  }

  #write({ run, step }: Ended): void {
    run.kept = true;
    if (step === undefined) this.sink.run(run);
    else {
      this.sink.step(run, step);
      step.attempts.clear();
    }
  }

  #hold(home: RunRecord, ended: Ended): void {
    const held = this.#held.get(home) ?? [];
    this.#held.set(home, held);
    held.push(ended);
    if (held.length <= this.maxHeld) return;
    held.shift()?.step?.attempts.clear();
    this.evictions.add('max_steps');
  }

  #flush(run: RunRecord): void {
    const held = this.#held.get(run) ?? [];
    this.#held.delete(run);
    for (const ended of held) this.#write(ended);
  }
}

/** The outermost run around this one that has not ended; itself, where all have. */
function holder(run: RunRecord): RunRecord {
  const { parent } = run;
  return parent === undefined || parent.settled ? run : holder(parent);
}

/** The first evidence makes a run one to keep, and those around it: its place is below them. */
function blame(run: RunRecord, evidence: Failure, keeps: boolean): void {
  for (let one: RunRecord | undefined = run; one !== undefined; one = one.parent) {
    if (one !== run && one.settled) return;
    one.kept ||= keeps;
    one.evidence ??= evidence;
  }
}
