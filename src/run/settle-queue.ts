import { AsyncResource } from 'node:async_hooks';
import { timers } from '../clock.js';
import { guarded } from '../self-diagnostics.js';

/**
 * What may wait does so for this long, or until there are so many: written one after the other they cost up to a fifth
 * less than each by itself, behind a call that has driven the code out of the processor's caches. Few enough that the event
 * loop turns again within milliseconds.
 */
const LONGEST_WAIT_MILLIS = 50;
const MOST_WAITING = 16;

/**
 * What has ended and is settled a moment later, outside the application's call: its last exchange may end only
 * then, and writing takes time.
 */
export class SettleQueue {
  #ended: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;
  /** Outside every context of the application's, or the exporter would work in that of some chat turn. */
  readonly #outside = new AsyncResource('ChatDebugSettle');

  constructor(
    private readonly clock: Pick<typeof timers, 'setTimeout' | 'clearTimeout' | 'setImmediate'> = timers,
  ) {}

  get isEmpty(): boolean {
    return this.#ended.length === 0;
  }

  /** @param mayWait nobody looks for it */
  add(settle: () => void, mayWait: boolean): void {
    const waiting = this.#ended.push(settle);
    if (!mayWait || waiting >= MOST_WAITING) this.#settleSoon();
    else if (waiting === 1) this.#settleLater();
  }

  /** All of it, now. */
  settle(): void {
    this.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    // What is settled may end something else.
    while (this.#ended.length > 0) {
      const ended = this.#ended;
      this.#ended = [];
      for (const settle of ended) guarded('a record could not be written', undefined, settle);
    }
  }

  #settleLater(): void {
    this.#timer = this.#outside.runInAsyncScope(() =>
      this.clock.setTimeout(() => this.settle(), LONGEST_WAIT_MILLIS).unref(),
    );
  }

  #settleSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const settle = (): void => {
      this.#isDue = false;
      this.settle();
    };
    this.#outside.runInAsyncScope(() => this.clock.setImmediate(settle).unref());
  }
}
