import { isMainThread } from 'node:worker_threads';
import { timers } from '../clock.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** The first process of a container: to it, a signal that it does not listen to does nothing. */
const INIT = 1;

/**
 * Calls back when the process ends, and leaves its end as it is. It is to watch only while there is something
 * to do: as long as it does, a busy loop outlives SIGTERM, which without any listener kills at once.
 *
 * A listener for a signal takes the place of the signal's effect. So it stands first, takes itself away
 * before anybody else is asked (signal-exit raises the signal again only when no listeners but its own are
 * there), and raises it again itself where nobody else listens. What it can't see is a listener that was
 * prepended after it and has removed itself by then (`prependOnceListener`).
 */
export class ProcessEnd {
  #watching = false;

  /**
   * @param ending must not throw and must not need the event loop.
   *   `certain`: nothing can be done later; else the process may live on after the signal.
   */
  constructor(private readonly ending: (certain: boolean) => void) {}

  watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    process.on('exit', this.#onExit);
    this.#listen();
  }

  unwatch(): void {
    if (!this.#watching) return;
    this.#watching = false;
    process.off('exit', this.#onExit);
    this.#unlisten();
  }

  /** Threads get no signals. */
  #listen(): void {
    if (isMainThread) for (const signal of SIGNALS) process.prependListener(signal, this.#onSignal);
  }

  #unlisten(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  readonly #onExit = (): void => {
    this.unwatch();
    this.ending(true);
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#unlisten();
    const fatal = process.listenerCount(signal) === 0 && process.pid !== INIT;
    this.ending(fatal);
    if (fatal) process.kill(process.pid, signal);
    else timers.setImmediate(this.#listenAgain).unref();
  };

  /** Once everybody has been asked. */
  readonly #listenAgain = (): void => {
    this.#unlisten();
    if (this.#watching) this.#listen();
  };
}
