import { EventEmitter } from 'node:events';
import type { Run } from '../../src/index.js';

/**
 * The place from which a call is made:
 * - `in a listener`: registered by another user's run, for an event of this run. The call belongs to the event.
 * - `in a bound listener`: of its own run (by `run.with`), called by an event of another user's run.
 */
export type Place = 'directly' | 'in a timer' | 'in an immediate' | 'in a listener' | 'in a bound listener';

export const PLACES: readonly Place[] = [
  'directly',
  'in a timer',
  'in an immediate',
  'in a listener',
  'in a bound listener',
];

type Make = () => void;

const MOST_REGISTERED = 16;
/** Another user's run fires the event until then. */
const PATIENCE_MILLIS = 5;

/** Calls that leave their place, into timers and into listeners of other users' runs. */
export class Places {
  readonly #emitter = new EventEmitter();
  /** Events whose listener makes the call that the event carries. */
  readonly #offered: symbol[] = [];
  /** Events for which a turn waits. */
  readonly #awaited: symbol[] = [];

  /** Called in the run of each turn: registers a listener for others, and fires an event of another. */
  share(): void {
    if (this.#offered.length < MOST_REGISTERED) {
      const event = Symbol('offered');
      this.#emitter.once(event, (make: Make) => make());
      this.#offered.push(event);
    }
    const awaited = this.#awaited.shift();
    if (awaited !== undefined) this.#emitter.emit(awaited);
  }

  /** @param run `undefined` for a call outside every run */
  call(place: Place, run: Run | undefined, call: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const make: Make = () => void call().then(resolve, reject);
      if (place === 'in a timer') setTimeout(make, 1);
      else if (place === 'in an immediate') setImmediate(make);
      else if (place === 'in a listener') this.#inListener(make);
      else if (place === 'in a bound listener' && run !== undefined) this.#bound(() => run.with(make));
      else make();
    });
  }

  #inListener(make: Make): void {
    const event = this.#offered.shift();
    if (event === undefined) make();
    else this.#emitter.emit(event, make);
  }

  #bound(make: Make): void {
    const event = Symbol('awaited');
    this.#emitter.once(event, make);
    this.#awaited.push(event);
    setTimeout(() => this.#emitter.emit(event), PATIENCE_MILLIS);
  }
}
