import type { Attempt } from '../attempt/attempt.js';
import { timers } from '../clock.js';
import type { ProcessEnd } from '../delivery/process-end.js';
import type { Loading } from '../loading.js';
import type { Recorded } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture } from '../types.js';
import * as debugLines from './debug-lines.js';
import type { Evictions } from './evictions.js';
import type { ContentGate } from './on-keep.js';
import type { Retention } from './retention.js';
import type { RunRecord } from './run-record.js';
import type { RunObserver } from './run-tally.js';
import { SettleQueue } from './settle-queue.js';

export interface RecordFinalizerParts {
  readonly retention: Retention;
  readonly evictions: Evictions;
  readonly observer: RunObserver;
  readonly contents: ContentGate;
  readonly writing: Loading;
  /** Watched while a failure or an unwritten record would be lost with the process. */
  readonly processEnd: Pick<ProcessEnd, 'watch' | 'unwatch'>;
}

/** Settles ended runs and steps, counts them, and passes those that may be written to `Retention`. */
export class RecordFinalizer {
  readonly #queue: SettleQueue;
  /** Open steps with a failed last attempt: evidence, if the process ends before a retry succeeds. */
  readonly #failing = new Set<StepRecord>();

  constructor(private readonly parts: RecordFinalizerParts) {
    this.#queue = new SettleQueue(timers, parts.writing, () => this.#unwatch());
    parts.contents.onEmpty = () => this.#unwatch();
  }

  get isEmpty(): boolean {
    return this.#queue.isEmpty;
  }

  attemptFailed(step: StepRecord): void {
    this.#failing.add(step);
    this.parts.processEnd.watch('unwritten');
  }

  /** Reads the facts from the requests of a waiting step, and releases their bodies. */
  condense(step: StepRecord): void {
    this.#queue.add(() => {}, true, {
      mayWrite: () => true,
      handOver: () => {
        // A retry may have begun, whose body is still to come.
        if (step.awaitsRetry && !step.attempts.anyOpen) loadReading().condenseRequests(step.attempts.kept);
      },
    });
  }

  forget(steps: readonly StepRecord[]): void {
    for (const step of steps) this.#failing.delete(step);
    this.#unwatch();
  }

  step(run: RunRecord, step: StepRecord): void {
    this.#failing.delete(step);
    if (this.#mayDiscard(step, step.capture)) {
      this.#count(run, step);
      step.discard();
      this.#unwatch();
      return;
    }
    const { retention } = this.parts;
    this.#watchFor(step, step.capture, step.attempts.last);
    this.#queue.add(
      () => {
        step.settle();
        this.#count(run, step);
      },
      mayWait(step, step.attempts.last),
      {
        mayWrite: () => run.capture !== 'off' && retention.mayWrite(run, step, step.capture),
        handOver: () => (run.capture === 'off' ? step.discard() : retention.step(run, step)),
      },
    );
  }

  run(run: RunRecord): void {
    const { retention } = this.parts;
    if (!run.kept && run.capture !== 'off' && this.#mayDiscard(run, run.capture)) {
      retention.dropSuccess(run);
      run.discard();
      return;
    }
    this.#watchFor(run, run.capture);
    this.#queue.add(() => run.settle(), mayWait(run), {
      mayWrite: () => run.kept || (run.capture !== 'off' && retention.mayWrite(run, run, run.capture)),
      handOver: () => {
        if (run.capture !== 'off' || run.kept) retention.run(run);
        else retention.drop(run);
        run.discard();
      },
    });
  }

  /** Calls `settle` later, outside the application's call. */
  later(settle: () => void): void {
    this.#queue.add(settle, true);
  }

  /** Settles and passes on everything that has ended, immediately. */
  settle(): void {
    this.#queue.settle();
  }

  /** Ends the steps that wait for a retry, and settles everything: the process may be about to end. */
  endWaits(): void {
    for (const step of this.#failing) step.endIfWaiting();
    this.settle();
    this.parts.contents.endWaits();
  }

  #count(run: RunRecord, step: StepRecord): void {
    const { began, kept } = step.attempts;
    this.parts.evictions.add('max_attempts', began - kept.length);
    run.totals.add(step);
    debugLines.stepEnded(step);
    this.parts.observer.stepEnded(run, step);
  }

  /** Whether a success can be dropped immediately: nothing of it will be written, and nothing is queued before it. */
  #mayDiscard({ status }: Recorded, capture: Capture): boolean {
    return status === 'completed' && this.#queue.isEmpty && !this.parts.retention.mayWriteSuccess(capture);
  }

  /** Watches for the end of the process until a failure, or a success that may be written, is settled. */
  #watchFor(recorded: Recorded, capture: Capture, last?: Attempt): void {
    const mayBeLost = !mayWait(recorded, last) || this.parts.retention.mayWriteSuccess(capture);
    if (mayBeLost) this.parts.processEnd.watch('unwritten');
  }

  #unwatch(): void {
    const isDone = this.#failing.size === 0 && this.#queue.isEmpty && this.parts.contents.isEmpty;
    if (isDone) this.parts.processEnd.unwatch('unwritten');
  }
}

const loadReading = () => require('../step/request-shape.js') as typeof import('../step/request-shape.js');

/** A known failure is written immediately: the process may end soon. */
function mayWait({ status }: Recorded, last?: Attempt): boolean {
  return status !== 'error' && status !== 'interrupted' && last?.status !== 'failed';
}
