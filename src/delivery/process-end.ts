import { timers } from '../clock.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** The first process of a container, which ignores signals without a listener. */
const INIT = 1;

/**
 * Why the end of the process is observed. For `started`, the `exit` event suffices. For the others, a signal would lose
 * a record or a span.
 */
export type WatchReason = 'started' | 'unwritten' | 'undelivered';

export interface Ending {
  /**
   * Called in the `exit` event, or before a signal ends the process. Must be synchronous and must not throw.
   *
   * @param isCertain false if the process may live on
   */
  atEnd(isCertain: boolean): void;
  /** Called if the application handles the signal. Must be fast and must not throw. */
  atSignal(): void;
}

/**
 * Calls back when the process ends, without changing how it ends. Listens to signals only while something could be
 * lost, since with a listener a busy loop survives SIGTERM.
 *
 * A signal listener replaces the default action. So this one is first, removes itself before the others run, and
 * raises the signal again if there are no others. It cannot see a listener that was prepended later and has removed
 * itself (`prependOnceListener`).
 */
export class ProcessEnd {
  readonly #reasons = new Set<WatchReason>();
  #listensToExit = false;
  #listensToSignals = false;
  /** A signal is being handled: no listener is added until all listeners have run. */
  #isSignalled = false;

  constructor(private readonly ending: Ending) {}

  watch(reason: WatchReason): void {
    if (this.#reasons.has(reason)) return;
    this.#reasons.add(reason);
    this.#update();
  }

  unwatch(reason: WatchReason): void {
    if (this.#reasons.delete(reason)) this.#update();
  }

  /** Takes about 30 µs, most of it for the signals. */
  #update(): void {
    const wantsExit = this.#reasons.size > 0;
    if (wantsExit !== this.#listensToExit) {
      this.#listensToExit = wantsExit;
      if (wantsExit) process.on('exit', this.#onExit);
      else process.off('exit', this.#onExit);
    }
    const isAtStake = this.#reasons.has('unwritten') || this.#reasons.has('undelivered');
    const wantsSignals = isAtStake && !this.#isSignalled;
    if (wantsSignals !== this.#listensToSignals) {
      this.#listensToSignals = wantsSignals;
      // No effect in a worker thread, which receives no signals.
      for (const signal of SIGNALS) {
        if (wantsSignals) process.prependListener(signal, this.#onSignal);
        else process.off(signal, this.#onSignal);
      }
    }
  }

  readonly #onExit = (): void => {
    this.ending.atEnd(true);
    this.#reasons.clear();
    this.#update();
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#isSignalled = true;
    this.#update();
    const others = process.listenerCount(signal);
    const isFatal = others === 0 && process.pid !== INIT;
    if (isFatal || (others > 0 && others === signalExitListeners())) this.ending.atEnd(isFatal);
    else this.ending.atSignal();
    if (isFatal) process.kill(process.pid, signal);
    else timers.setImmediate(this.#listenAgain).unref();
  };

  readonly #listenAgain = (): void => {
    this.#isSignalled = false;
    this.#update();
  };
}

/**
 * Counts the listeners of signal-exit, which many command-line tools use. Without other listeners it ends the process
 * without an `exit` event, unless a callback prevents that.
 */
function signalExitListeners(): number {
  const emitters = [
    (process as { __signal_exit_emitter__?: unknown }).__signal_exit_emitter__,
    (globalThis as Record<symbol, unknown>)[Symbol.for('signal-exit emitter')],
  ];
  return emitters.reduce<number>((sum, emitter) => {
    const { count } = (emitter ?? {}) as { readonly count?: unknown };
    return typeof count === 'number' ? sum + count : sum;
  }, 0);
}
