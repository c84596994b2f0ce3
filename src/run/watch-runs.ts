import { monotonicMillis, timers } from '../clock.js';
import { guarded } from '../self-diagnostics.js';
import type { LiveRun } from './live-run.js';

/** Options of a watch of live runs. */
export interface WatchOptions {
  /** Ends the iteration, without an error, when it is aborted. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /** Minimum time between two reads of the state, in milliseconds: 100 to 60,000. Default: 1,000. */
  readonly intervalMillis?: number | undefined;
}

type State = readonly LiveRun[];
type Result = IteratorResult<State, undefined>;

const NONE: State = [];
const DEFAULT_INTERVAL_MILLIS = 1_000;
const MIN_INTERVAL_MILLIS = 100;
const MAX_INTERVAL_MILLIS = 60_000;

/** The watches of the live runs of this process. They end with the recording. */
export class RunWatches {
  /** Only watches with a waiting consumer, so that an abandoned one is garbage collected. */
  readonly waiting = new Set<RunWatch>();
  #isClosed = false;

  constructor(readonly read: (chatId: string | undefined) => State) {}

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Iterates over the states of the live runs: yields the first at once, and each one that differs from the last.
   *
   * @param chatId only runs of this chat; all if `undefined`
   * @throws RangeError if the interval is invalid
   */
  watch(chatId: string | undefined, { signal, intervalMillis }: WatchOptions): AsyncIterableIterator<State> {
    return new RunWatch(this, chatId, checkedInterval(intervalMillis), signal);
  }

  close(): void {
    this.#isClosed = true;
    for (const watch of this.waiting) watch.end();
  }
}

/**
 * Reads the state only while a consumer waits, and holds only the last one: a slow consumer gets the newest state and
 * costs nothing in between. Not a generator, whose `return()` would wait for a pending `next()`.
 */
class RunWatch implements AsyncIterableIterator<State> {
  #consumers: ((result: Result) => void)[] = [];
  #lastState: string | undefined;
  #readAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    private readonly watches: RunWatches,
    private readonly chatId: string | undefined,
    private readonly intervalMillis: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    if (this.#isOver || this.watches.isClosed || this.signal?.aborted) return this.return();
    return new Promise((resolve) => {
      this.#consumers.push(resolve);
      if (this.#consumers.length > 1) return;
      this.watches.waiting.add(this);
      this.signal?.addEventListener('abort', this.end);
      this.#readWhenDue();
    });
  }

  async return(): Promise<Result> {
    this.end();
    return { done: true, value: undefined };
  }

  readonly end = (): void => {
    this.#isOver = true;
    this.#lastState = undefined;
    for (const resolve of this.#consumers) resolve({ done: true, value: undefined });
    this.#consumers = [];
    this.#rest();
  };

  #rest(): void {
    timers.clearTimeout(this.#timer);
    this.signal?.removeEventListener('abort', this.end);
    this.watches.waiting.delete(this);
  }

  #readWhenDue(): void {
    const due = this.#readAt === undefined ? 0 : this.#readAt + this.intervalMillis - monotonicMillis();
    if (due <= 0) this.#readNow();
    else this.#timer = timers.setTimeout(() => this.#readNow(), due).unref();
  }

  #readNow(): void {
    this.#readAt = monotonicMillis();
    const runs = guarded('the live runs could not be read', NONE, () => this.watches.read(this.chatId));
    const state = JSON.stringify(runs);
    if (state !== this.#lastState) {
      this.#lastState = state;
      this.#consumers.shift()?.({ done: false, value: runs });
    }
    if (this.#consumers.length > 0) this.#readWhenDue();
    else this.#rest();
  }
}

function checkedInterval(intervalMillis = DEFAULT_INTERVAL_MILLIS): number {
  const isValid =
    Number.isInteger(intervalMillis) &&
    intervalMillis >= MIN_INTERVAL_MILLIS &&
    intervalMillis <= MAX_INTERVAL_MILLIS;
  if (isValid) return intervalMillis;
  throw new RangeError(
    `Invalid intervalMillis "${intervalMillis}": expected an integer from ${MIN_INTERVAL_MILLIS} to ${MAX_INTERVAL_MILLIS}`,
  );
}
