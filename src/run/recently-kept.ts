import type { StepRecord } from '../step/step-record.js';
import type { RunKind } from '../types.js';
import type { RecordSink } from './retention.js';
import type { RunRecord } from './run-record.js';

/** A run that this process has written, at least in part. */
export interface RecentRun {
  /** `chatdebug.run.id`. */
  readonly runId: string;
  /** `undefined` with `pipeline: 'app'` if the run has no parent span. */
  readonly traceId: string | undefined;
  /** `chatdebug.run.kind`. */
  readonly kind: RunKind;
  /** Milliseconds since the epoch. */
  readonly startTimeMillis: number;
}

/** Beyond the maximum the oldest are evicted, many at once: finding the first entry of a map is slow. */
const MIN_RUNS = 1_000;
const MAX_RUNS = 1_250;

/** Stores the runs that pass to the sink, since a backend finds them only after a delay. */
export class RecentlyKept implements RecordSink {
  readonly #runs = new Map<string, { readonly chatId: string | undefined; readonly run: RecentRun }>();

  constructor(private readonly next: RecordSink) {}

  step(run: RunRecord, step: StepRecord): void {
    this.#remember(run);
    this.next.step(run, step);
  }

  run(run: RunRecord): void {
    this.#remember(run);
    this.next.run(run);
  }

  /** Returns the stored runs of a chat, the newest first. */
  ofChat(chatId: string): readonly RecentRun[] {
    const runs = [...this.#runs.values()].filter((kept) => kept.chatId === chatId);
    return Object.freeze(runs.map(({ run }) => run).reverse());
  }

  #remember(run: RunRecord): void {
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
