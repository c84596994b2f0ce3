import type { DeliveryStats } from './delivery/losses.js';
import type { KeptBudgetStats } from './run/kept-budget.js';
import type { RecentRun } from './run/recently-kept.js';
import type { RunCounts } from './run/run-tally.js';
import type { Capture, EvictionReason, RunOptions } from './types.js';

/** What is under way, and what became of the rest since start-up. */
export interface ChatDebugStats {
  /** Runs under way. */
  readonly liveRuns: number;
  /** Bytes of bodies held for steps under way. */
  readonly bodyBytes: number;
  /** Every run since start-up, by what became of it. */
  readonly runs: RunCounts;
  /** What was left out of the runs that failed alike. */
  readonly keptBudget: KeptBudgetStats;
  /** What was let go because of a bound. */
  readonly evicted: Readonly<Record<EvictionReason, number>>;
  /** Responses that were silent for longer than `stallMillis`: those that are at this moment, and all since start-up. */
  readonly stalls: { readonly now: number; readonly total: number };
  /** Spans on their way; with `pipeline: 'app'`, where the application delivers them, nothing is counted. */
  readonly delivery: DeliveryStats;
}

/** What start-up gives back. */
export interface ChatDebugHandle {
  /**
   * Ends what only waits in the caller's context, and resolves when everything that has ended was handed to the
   * endpoint; what it does not take in time is still held, and tried again. Never rejects.
   *
   * Inside a run, also one whose function has settled (as in Next.js' `after`), that is this run if it waits for
   * another step, and its failed calls that wait for another try. Outside of every run, it is the runs that requests
   * have opened by themselves below the same active span. Nothing of another context is touched.
   *
   * @param options `timeoutMillis`: how long it takes at most. Default: `shutdownTimeoutMillis`.
   */
  forceFlush(options?: { readonly timeoutMillis?: number | undefined }): Promise<void>;
  /**
   * Undoes everything that start-up installed, ends every run (what is open in it was broken off), and
   * resolves when the last span was handed to the endpoint, or could not be, within `shutdownTimeoutMillis`.
   * Never rejects.
   */
  shutdown(): Promise<void>;
  /** What is under way at this moment, and what was lost so far, by reason. */
  stats(): ChatDebugStats;
  /**
   * What a run that begins now would be captured with: for a Debug tab, which is worth showing while recording is
   * on. Asks `captureFor`; where that fails, the configured capture. Never rejects.
   *
   * @param chat as for `withRun`; `chatId` and `ownerId` are what `captureFor` usually looks at
   */
  captureOf(chat: RunOptions): Promise<Capture>;
  /**
   * The runs of a chat of which this process has written something, the newest first, among at least the last 1,000: a
   * backend does not find them at once.
   */
  keptRuns(chatId: string): readonly RecentRun[];
}
