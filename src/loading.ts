import { createRequire } from 'node:module';
import { join } from 'node:path';
import { timers } from './clock.js';
import { guarded } from './self-diagnostics.js';

/**
 * Returns the path of an optional package, or `undefined` if it is not installed. Searches from this package and from
 * the application's folder, since a bundler may have moved this package.
 */
export function optionalPackagePath(name: string): string | undefined {
  for (const from of [__filename, join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // Not installed here.
    }
  }
  return undefined;
}

export interface Loading {
  readonly isLoaded: boolean;
  /** Loads the value, and calls back in a later turn of the event loop. */
  load(then: () => void): void;
}

/**
 * Loads one part per turn of the event loop, so that other work runs in between. Does not keep the process alive. A
 * part that fails to load is loaded again on first use.
 */
export class LoadingInTurns implements Loading {
  readonly #parts: (() => unknown)[];
  #waiting: (() => void)[] = [];

  /** @param parts functions that load something, each in a few milliseconds */
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
    // Not `setImmediate`: an unreferenced immediate does not wake an idle event loop.
    timers.setTimeout(() => this.#turn(), 0).unref();
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

interface Lazy<T> {
  (): T;
  readonly loaded: boolean;
}

/** Returns a function that calls `load` once and then returns the same value. */
export function lazy<T>(load: () => T): Lazy<T> {
  let value: T | undefined;
  const get = (): T => {
    value ??= load();
    return value;
  };
  return Object.defineProperty(get, 'loaded', { get: () => value !== undefined }) as Lazy<T>;
}

/** Loaded with the first id or fingerprint, since `node:crypto` takes longer to load than this package. */
export const loadCrypto = lazy(() => require('node:crypto') as typeof import('node:crypto'));
