import { AsyncResource } from 'node:async_hooks';
import { monotonicMillis, timers } from '../clock.js';

/** How long work may block each turn of the event loop, in milliseconds. */
const TURN_MILLIS = 4;
/** Minimum number of short works that begin in a turn, since they are slow in a cold process. */
const MIN_BEGUN_PER_TURN = 8;

/** Work in one step, or a generator that yields between steps. */
export type Work = () => Generator<void> | void;

interface WaitingWork {
  readonly begin: Work;
  readonly isLong: boolean;
}

/**
 * Runs work in the call that adds it, in order, for a few milliseconds per turn of the event loop. The rest runs in
 * later turns and keeps the process alive until it is done.
 *
 * Runs outside the application's contexts, so that files it opens do not keep one alive.
 */
export class WorkInTurns {
  readonly #outside = new AsyncResource('ChatDebugWork');
  readonly #waiting: WaitingWork[] = [];
  #begun: Generator<void> | undefined;
  #isWorking = false;
  /** Keeps the process alive until the work is done. */
  #nextTurn: NodeJS.Immediate | undefined;
  #turnMillis = 0;
  #turnBegun = 0;

  /** @param failed called with the error of work that throws */
  constructor(private readonly failed: (error: unknown) => void) {}

  /** @param isLong the work begins in this turn only if the turn has time left */
  add(work: Work, isLong = false): void {
    this.#waiting.push({ begin: work, isLong });
    this.#work(false);
  }

  finish(): void {
    this.#work(true);
  }

  #work(isUnlimited: boolean): void {
    // Work may add more work.
    if (this.#isWorking || this.#isDone) return;
    this.#isWorking = true;
    this.#outside.runInAsyncScope(() => {
      this.#nextTurn ??= timers.setImmediate(() => this.#turn());
      const before = this.#turnMillis;
      const started = monotonicMillis();
      while (!this.#isDone && (isUnlimited || this.#mayGoOn)) {
        this.#step();
        this.#turnMillis = before + monotonicMillis() - started;
      }
    });
    this.#isWorking = false;
  }

  get #mayGoOn(): boolean {
    const isShort = this.#begun === undefined && this.#waiting[0]?.isLong === false;
    return (isShort && this.#turnBegun < MIN_BEGUN_PER_TURN) || this.#turnMillis < TURN_MILLIS;
  }

  get #isDone(): boolean {
    return this.#begun === undefined && this.#waiting.length === 0;
  }

  #step(): void {
    try {
      if (this.#begun === undefined) {
        this.#turnBegun++;
        this.#begun = this.#waiting.shift()?.begin() ?? undefined;
      }
      if (this.#begun?.next().done !== false) this.#begun = undefined;
    } catch (error) {
      this.#begun = undefined;
      this.failed(error);
    }
  }

  #turn(): void {
    this.#nextTurn = undefined;
    this.#turnMillis = 0;
    this.#turnBegun = 0;
    this.#work(false);
  }
}
