import type { SpanContext } from '@opentelemetry/api';
import type { SpanListener } from '../handle.js';
import { processState } from '../process-state.js';
import { searchRange } from '../query/ask.js';
import { findTrace, runSummaries } from '../query/stored-runs.js';
import { type EndedSpan, type StoredSpan, storedSpan } from '../query/stored-span.js';
import type { ListOptions } from '../query/types.js';
import type { LiveRun } from '../run/live-run.js';
import type { WatchOptions } from '../run/watch-runs.js';
import { ATTR_CHATDEBUG_RUN_ID } from '../semconv.js';
import type { RunSource } from './sources.js';

/** Options of `processRuns`. */
export interface ProcessRunsOptions {
  /**
   * The maximum size of the retained spans in bytes, estimated. Evicts the oldest runs first, and the oldest steps of
   * a run that is larger than the limit. Default: 16,777,216 (16 MiB).
   */
  readonly maxBytes?: number | undefined;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/** The runs of this process as a source that can also be watched. */
export interface ProcessRuns extends RunSource {
  /**
   * Yields the runs in progress now and after each change, as `watchRuns` of the handle does.
   *
   * @param chatId the chat. Default: all chats.
   * @throws RangeError for an invalid interval
   */
  watch(chatId?: string, options?: WatchOptions): AsyncIterableIterator<readonly LiveRun[]>;
}

interface RetainedRun {
  readonly spans: SizedSpan[];
  bytes: number;
}

interface SizedSpan {
  readonly span: StoredSpan;
  readonly bytes: number;
}

/**
 * Returns the runs of this process as a source: the runs in progress, and the runs exported after the first call. It
 * bridges the seconds until a backend finds a run. All calls in a process share the retained spans. The last
 * `maxBytes` applies.
 *
 * @throws Error if recording has not been started in this process
 * @throws RangeError if `maxBytes` is not a non-negative integer
 */
export function processRuns({ maxBytes = DEFAULT_MAX_BYTES }: ProcessRunsOptions = {}): ProcessRuns {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0)
    throw new RangeError(`Invalid maxBytes ${maxBytes}: expected an integer from 0`);
  const { started } = processState();
  if (started === undefined)
    throw new Error('processRuns: call startChatDebug, or start with --import, before it');
  started.memory ??= listeningMemory(started.listen);
  const memory = started.memory as RetainedRuns;
  memory.limit(maxBytes);
  return Object.freeze({
    live: (chatId: string | undefined) => started.handle.liveRuns(chatId),
    watch: (chatId?: string, options?: WatchOptions) => started.handle.watchRuns(chatId, options),
    has: async (chatId: string) =>
      started.handle.keptRuns(chatId).length > 0 || memory.list(chatId, { limit: 1 }).length > 0,
    list: async (chatId: string, options?: ListOptions) => memory.list(chatId, options),
    trace: async (runId: string) => findTrace(memory.spans, runId, undefined),
  });
}

function listeningMemory(listen: (listener: SpanListener) => void): RetainedRuns {
  const memory = new RetainedRuns();
  listen((span) => memory.add(span));
  return memory;
}

class RetainedRuns {
  /** By run, the most recently exported last. */
  readonly #runs = new Map<string, RetainedRun>();
  #bytes = 0;
  #maxBytes = 0;

  limit(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#forget();
  }

  get spans(): StoredSpan[] {
    return [...this.#runs.values()].flatMap(({ spans }) => spans.map(({ span }) => span));
  }

  add(span: WrittenSpan): void {
    const stored = readSpan(span);
    const runId = stored?.attributes[ATTR_CHATDEBUG_RUN_ID];
    if (stored === undefined || typeof runId !== 'string') return;
    const run = this.#runs.get(runId) ?? { spans: [], bytes: 0 };
    const bytes = bytesOf(stored);
    run.spans.push({ span: stored, bytes });
    run.bytes += bytes;
    this.#bytes += bytes;
    this.#runs.delete(runId);
    this.#runs.set(runId, run);
    this.#forget();
  }

  #forget(): void {
    for (const [id, oldest] of this.#runs) {
      if (this.#bytes <= this.#maxBytes) return;
      if (this.#runs.size === 1) this.#forgetSteps(oldest);
      else {
        this.#bytes -= oldest.bytes;
        this.#runs.delete(id);
      }
    }
  }

  /** Keeps the newest steps of a run that is larger than `maxBytes`. */
  #forgetSteps(run: RetainedRun): void {
    const excess = this.#bytes - this.#maxBytes;
    let [count, bytes] = [0, 0];
    while (bytes < excess) bytes += run.spans[count++]?.bytes ?? excess;
    run.spans.splice(0, count);
    run.bytes -= bytes;
    this.#bytes -= bytes;
  }

  list(chatId: string, options?: ListOptions) {
    const { limit, from } = searchRange(undefined, options);
    return runSummaries(this.spans, undefined)
      .filter((run) => run.chatId === chatId && run.startedAt.getTime() >= from)
      .slice(0, limit);
  }
}

type WrittenSpan = Parameters<SpanListener>[0] & { readonly parentSpanContext?: SpanContext | undefined };

/** Returns `undefined` for a non-recording span, which the application's sampler has dropped. */
function readSpan(span: WrittenSpan & Partial<EndedSpan>): StoredSpan | undefined {
  return isEnded(span) ? storedSpan(span, span.spanContext(), span.parentSpanContext?.spanId) : undefined;
}

function isEnded<Span extends Partial<EndedSpan>>(span: Span): span is Span & EndedSpan {
  return span.startTime !== undefined && span.duration !== undefined && span.attributes !== undefined;
}

/** Two bytes per character, plus an overhead for objects. */
function bytesOf({ attributes, events }: StoredSpan): number {
  const all = [attributes, ...events.map((event) => event.attributes)];
  const lengths = all.flatMap((one) =>
    Object.entries(one).map(([name, value]) => name.length + sizeOf(value)),
  );
  return 500 + lengths.reduce((sum, length) => sum + 50 + 2 * length, 0);
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return Array.isArray(value) ? value.reduce((sum: number, one) => sum + 8 + sizeOf(one), 0) : 4;
}
