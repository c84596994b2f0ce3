import { timers } from './clock.js';
import { guarded } from './self-diagnostics.js';

/** Something that must be loaded before it can be used. */
export interface Loading {
  readonly isLoaded: boolean;
  /** Loads it, and calls back in a later turn of the event loop. */
  load(then: () => void): void;
}

/**
 * Loads one part in each turn of the event loop, so that what else is due runs in between. Nothing here keeps the
 * process alive. A part that fails is left to whoever uses it, who tries again.
 */
export class LoadingInTurns implements Loading {
  readonly #parts: (() => unknown)[];
  #waiting: (() => void)[] = [];

  /** @param parts load something that later calls find loaded; each takes milliseconds */
  constructor(parts: readonly (() => unknown)[]) {
    this.#parts = [...parts];
  }

  get isLoaded(): boolean {
    return this.#parts.length === 0;
  }

  load(then: () => void): void {
    this.#waiting.push(then);
    if (this.#waiting.length === 1) this.#nextTurn();
  }

  #nextTurn(): void {
    timers.setImmediate(() => this.#turn()).unref();
  }

  #turn(): void {
    const part = this.#parts.shift();
    if (part !== undefined) {
      guarded('what writes spans could not be loaded', undefined, part);
      this.#nextTurn();
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const then of waiting) then();
  }
}

export interface Lazy<T> {
  (): T;
  readonly loaded: boolean;
}

/** Loads something with the first call, and gives the same with each. */
export function lazily<T>(load: () => T): Lazy<T> {
  let value: T | undefined;
  const get = (): T => {
    value ??= load();
    return value;
  };
  return Object.defineProperty(get, 'loaded', { get: () => value !== undefined }) as Lazy<T>;
}
