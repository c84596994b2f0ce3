import type { StepRecord } from '../step/step-record.js';
import type { RunKind } from '../types.js';
import type { RecordSink } from './retention.js';
import type { RunRecord } from './run-record.js';

/** A run of which this process has written something. */
export interface RecentRun {
  /** `chatdebug.run.id`. */
  readonly runId: string;
  /** `undefined` in the application's own pipeline where the run has no parent. */
  readonly traceId: string | undefined;
  /** `chatdebug.run.kind`. */
  readonly kind: RunKind;
  /** Milliseconds since the epoch. */
  readonly startTimeMillis: number;
}

/** Of more, the oldest are forgotten: by then a backend has them. Many at once, since the first of a map is not found at once. */
const MIN_RUNS = 1_000;
const MAX_RUNS = 1_250;

/** Remembers the runs that were written, on their way to the sink: a backend finds them a while later only. */
export class RecentlyKept implements RecordSink {
  /** In the order in which they were first written. */
  readonly #runs = new Map<string, { readonly chatId: string | undefined; readonly run: RecentRun }>();

  constructor(private readonly next: RecordSink) {}

  step(run: RunRecord, step: StepRecord): void {
    this.#note(run);
    this.next.step(run, step);
  }

  run(run: RunRecord): void {
    this.#note(run);
    this.next.run(run);
  }

  /** The newest first. */
  ofChat(chatId: string): readonly RecentRun[] {
    const runs = [...this.#runs.values()].filter((kept) => kept.chatId === chatId);
    return Object.freeze(runs.map(({ run }) => run).reverse());
  }

  #note(run: RunRecord): void {
    if (this.#runs.has(run.id)) return;
    const { id: runId, kind, position, timeline, startedAt, options } = run;
    const startTimeMillis = timeline.epochMillis(startedAt);
    const recent = Object.freeze({ runId, traceId: position.traceId, kind, startTimeMillis });
    this.#runs.set(runId, { chatId: options.chatId, run: recent });
    if (this.#runs.size <= MAX_RUNS) return;
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size === MIN_RUNS) break;
      this.#runs.delete(oldest);
    }
  }
}
