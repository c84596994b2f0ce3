import { AsyncResource } from 'node:async_hooks';
import { monotonicMillis, timers } from '../clock.js';
import type { Loading } from '../loading.js';
import { guarded } from '../self-diagnostics.js';

/**
 * Records are settled together after this time, or once there are this many. Settling them together costs up to a fifth
 * less, since a model call in between evicts the code from the processor's caches.
 */
const MAX_WAIT_MILLIS = 50;
const MAX_WAITING = 16;
/**
 * After this time, the rest waits for the next turn of the event loop: the first record takes much longer than others.
 */
const MAX_TURN_MILLIS = 4;

const NOTHING_TO_LOAD: Loading = { isLoaded: true, load: (then) => then() };

/** The processing of a settled record. */
export interface HandOver {
  /** Whether it may be written. `handOver` then waits until the writer is loaded. */
  mayWrite(): boolean;
  handOver(): void;
}

interface QueuedRecord extends Partial<HandOver> {
  readonly settle: () => void;
  isSettled: boolean;
}

/**
 * Settles ended records after a short delay, outside the application's call: their last exchange may end only then, and
 * writing takes time. The first record that is written waits until the writer is loaded.
 */
export class SettleQueue {
  #ended: QueuedRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;
  /** Outside the application's async contexts, or the exporter would run in the context of a chat turn. */
  readonly #outside = new AsyncResource('ChatDebugSettle');

  constructor(
    private readonly clock: Pick<typeof timers, 'setTimeout' | 'clearTimeout'> = timers,
    private readonly writing: Loading = NOTHING_TO_LOAD,
    private readonly onEmpty: () => void = () => {},
  ) {}

  get isEmpty(): boolean {
    return this.#ended.length === 0;
  }

  /** @param mayWait whether it may be settled together with later ones */
  add(settle: () => void, mayWait: boolean, next?: HandOver): void {
    const waiting = this.#ended.push({ settle, isSettled: false, ...next });
    if (!mayWait || waiting >= MAX_WAITING) this.#settleSoon();
    else if (waiting === 1) this.#settleLater();
  }

  /** Settles everything now, and loads the writer at once. */
  settle(): void {
    this.#clearTimer();
    // Settling one record may end another.
    while (this.#ended.length > 0) {
      const ended = this.#ended;
      this.#ended = [];
      for (const one of ended) if (trySettle(one)) tryHandOver(one);
    }
    this.onEmpty();
  }

  #settleLater(): void {
    this.#timer = this.#outside.runInAsyncScope(() =>
      this.clock.setTimeout(() => this.#settleSome(), MAX_WAIT_MILLIS).unref(),
    );
  }

  #settleSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    // Not `setImmediate`: an unreferenced immediate does not wake an idle event loop.
    this.#outside.runInAsyncScope(() => this.clock.setTimeout(() => this.#settleSome(), 0).unref());
  }

  /** Settles the first records; the rest follows in later turns of the event loop. */
  #settleSome(): void {
    this.#clearTimer();
    this.#isDue = false;
    const until = monotonicMillis() + MAX_TURN_MILLIS;
    for (let count = 0; count < MAX_WAITING && (count === 0 || monotonicMillis() < until); count += 1) {
      const [first] = this.#ended;
      if (first === undefined) break;
      const isSettled = trySettle(first);
      if (isSettled && !this.writing.isLoaded && tryMayWrite(first)) {
        this.#isDue = true;
        this.writing.load(() => this.#settleSome());
        return;
      }
      this.#ended.shift();
      if (isSettled) tryHandOver(first);
    }
    if (this.isEmpty) this.onEmpty();
    else this.#settleSoon();
  }

  #clearTimer(): void {
    this.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

const FAILED = 'a record could not be written';

function trySettle(one: QueuedRecord): boolean {
  if (one.isSettled) return true;
  return guarded(FAILED, false, () => {
    one.settle();
    one.isSettled = true;
    return true;
  });
}

function tryMayWrite(one: QueuedRecord): boolean {
  return guarded(FAILED, false, () => one.mayWrite?.() === true);
}

function tryHandOver(one: QueuedRecord): void {
  guarded(FAILED, undefined, () => one.handOver?.());
}
