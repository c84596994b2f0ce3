import { AsyncResource } from 'node:async_hooks';
import { timers } from '../clock.js';
import type { Loading } from '../loading.js';
import { guarded } from '../self-diagnostics.js';

/**
 * What may wait does so for this long, or until there are so many: written one after the other they cost up to a fifth
 * less than each by itself, behind a call that has driven the code out of the processor's caches. Few enough that the event
 * loop turns again within milliseconds.
 */
const LONGEST_WAIT_MILLIS = 50;
const MOST_WAITING = 16;

const NOTHING_TO_LOAD: Loading = { isLoaded: true, load: (then) => then() };

/** What follows when a record has its outcome. */
export interface HandOver {
  /** Whether it is written, as far as can be told before. */
  mayWrite(): boolean;
  /** Writes it, holds it or lets it go. */
  handOver(): void;
}

interface Ended extends Partial<HandOver> {
  readonly settle: () => void;
  isSettled: boolean;
}

/**
 * What has ended and is settled a moment later, outside the application's call: its last exchange may end only
 * then, and writing takes time. The first that is written waits until what writes is loaded.
 */
export class SettleQueue {
  #ended: Ended[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;
  /** Outside every context of the application's, or the exporter would work in that of some chat turn. */
  readonly #outside = new AsyncResource('ChatDebugSettle');

  constructor(
    private readonly clock: Pick<typeof timers, 'setTimeout' | 'clearTimeout' | 'setImmediate'> = timers,
    private readonly writing: Loading = NOTHING_TO_LOAD,
  ) {}

  get isEmpty(): boolean {
    return this.#ended.length === 0;
  }

  /** @param mayWait nobody looks for it */
  add(settle: () => void, mayWait: boolean, next?: HandOver): void {
    const waiting = this.#ended.push({ settle, isSettled: false, ...next });
    if (!mayWait || waiting >= MOST_WAITING) this.#settleSoon();
    else if (waiting === 1) this.#settleLater();
  }

  /** All of it, now: what writes is loaded at once. */
  settle(): void {
    this.#clearTimer();
    // What is settled may end something else.
    while (this.#ended.length > 0) {
      const ended = this.#ended;
      this.#ended = [];
      for (const one of ended) if (settled(one)) handOver(one);
    }
  }

  #settleLater(): void {
    this.#timer = this.#outside.runInAsyncScope(() =>
      this.clock.setTimeout(() => this.#settleSome(), LONGEST_WAIT_MILLIS).unref(),
    );
  }

  #settleSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#outside.runInAsyncScope(() => this.clock.setImmediate(() => this.#settleSome()).unref());
  }

  /** The first of them; the rest in later turns of the event loop. */
  #settleSome(): void {
    this.#clearTimer();
    this.#isDue = false;
    for (let count = 0; count < MOST_WAITING; count += 1) {
      const [first] = this.#ended;
      if (first === undefined) return;
      const isSettled = settled(first);
      if (isSettled && !this.writing.isLoaded && mayWrite(first)) {
        this.#isDue = true;
        this.writing.load(() => this.#settleSome());
        return;
      }
      this.#ended.shift();
      if (isSettled) handOver(first);
    }
    if (!this.isEmpty) this.#settleSoon();
  }

  #clearTimer(): void {
    this.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

const FAILED = 'a record could not be written';

/** @returns whether there is something to hand over */
function settled(one: Ended): boolean {
  if (one.isSettled) return true;
  return guarded(FAILED, false, () => {
    one.settle();
    one.isSettled = true;
    return true;
  });
}

function mayWrite(one: Ended): boolean {
  return guarded(FAILED, false, () => one.mayWrite?.() === true);
}

function handOver(one: Ended): void {
  guarded(FAILED, undefined, () => one.handOver?.());
}
