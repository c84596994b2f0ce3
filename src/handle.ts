import type { Span } from '@opentelemetry/api';
import type { DeliveryStats } from './delivery/stats.js';
import type { KeptBudgetStats } from './run/kept-budget.js';
import type { LiveRun } from './run/live-run.js';
import type { RecentRun } from './run/recently-kept.js';
import type { RunCounts } from './run/run-tally.js';
import type { WatchOptions } from './run/watch-runs.js';
import type { Capture, EvictionReason, RunOptions } from './types.js';

/** Called with each ended span. */
export type SpanListener = (span: Pick<Span, 'spanContext'>) => void;

/** Runs in progress, and counts since start-up. */
export interface ChatDebugStats {
  /** Runs in progress. */
  readonly liveRuns: number;
  /** Bytes of bodies held for steps in progress. */
  readonly bodyBytes: number;
  /** All runs since start-up, by result. */
  readonly runs: RunCounts;
  /** Runs that were not written because `keepPerFingerprint` or `keepPerMinute` was exceeded. */
  readonly keptBudget: KeptBudgetStats;
  /** Records evicted because of a limit, by reason. */
  readonly evicted: Readonly<Record<EvictionReason, number>>;
  /** Responses silent for longer than `stallMillis`: at this moment, and in all since start-up. */
  readonly stalls: { readonly now: number; readonly total: number };
  /** Spans in delivery. Empty with `pipeline: 'app'`, since the application delivers them. */
  readonly delivery: DeliveryStats;
}

/** The handle of a recording. */
export interface ChatDebugHandle {
  /**
   * Ends runs and failed steps that only wait in the caller's context, and resolves when everything that has ended is
   * delivered to the endpoint. Spans that are not delivered in time stay queued and are retried. Never rejects.
   *
   * Inside a run, including one whose function has settled (as in Next.js' `after`), it ends this run if it waits for
   * another step, and its failed calls that wait for a retry. Outside a run, it ends the automatic runs of requests
   * below the same active span. It does not affect other contexts.
   *
   * @param options `timeoutMillis`: the maximum duration in milliseconds. Default: `shutdownTimeoutMillis`.
   */
  forceFlush(options?: { readonly timeoutMillis?: number | undefined }): Promise<void>;
  /**
   * Removes everything that start-up installed and ends every run. Open steps end as interrupted. Resolves when the
   * last span is delivered or has failed, within `shutdownTimeoutMillis`. Never rejects.
   */
  shutdown(): Promise<void>;
  /** Returns the current numbers of runs, and the losses since start-up by reason. */
  stats(): ChatDebugStats;
  /**
   * Returns the capture of a run that starts now, for example to decide whether to show a Debug tab. Calls
   * `captureFor`, and returns the configured capture if that fails. Never rejects.
   *
   * @param chat as for `withRun`. `captureFor` usually uses `chatId` and `ownerId`.
   */
  captureOf(chat: RunOptions): Promise<Capture>;
  /**
   * Returns the recently exported runs of a chat in this process, the newest first. A backend finds them only after a
   * delay. Covers at least the last 1,000 runs.
   */
  keptRuns(chatId: string): readonly RecentRun[];
  /**
   * Returns the runs in progress in this process, the newest first. Has no cost until it is called.
   *
   * @param chatId the chat. Default: all chats.
   */
  liveRuns(chatId?: string): readonly LiveRun[];
  /**
   * Yields `liveRuns` now and after each change, for a server that shows runs in progress. Polls once per interval
   * and only while the consumer waits for the next state. A slow consumer gets the newest state, and nothing is
   * buffered. A run that starts and ends between two polls is not seen. A run that is no longer listed has ended.
   *
   * Ends with `break`, with the signal or with `shutdown()`. Does not keep the process alive.
   *
   * @param chatId the chat. Default: all chats.
   * @param options `signal` ends the iteration; `intervalMillis` is the time between two polls. Default: 1,000.
   * @throws RangeError for an invalid interval
   *
   * @example
   * for await (const runs of handle.watchRuns('chat-1', { signal: request.signal })) send(runs);
   */
  watchRuns(chatId?: string, options?: WatchOptions): AsyncIterableIterator<readonly LiveRun[]>;
}
