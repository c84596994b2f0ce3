import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChatDebugHandle } from './handle.js';
import type { LiveRuns } from './run/live-runs.js';
import type { Scope } from './run/scope.js';
import { VERSION } from './version.js';

/** What all copies of one version of this package in a process share. */
export interface ProcessState {
  /** Of the package. Copies of another version read this and `started`, and nothing else. */
  readonly version: string;
  /** Where the current async context stands: the one of the present start. */
  scope: AsyncLocalStorage<Scope | undefined>;
  /** What was started, by whichever copy. */
  started: { readonly runs: LiveRuns; readonly handle: ChatDebugHandle } | undefined;
}

interface Holder {
  [KEY]?: ProcessState | { readonly version?: string; readonly started?: unknown };
}

const KEY = Symbol.for('opentelemetry-instrumentation-chatdebug.state.v1');

const holder = globalThis as Holder;
/** Of this copy, where another version holds the process. */
let own: ProcessState | undefined;

/**
 * The state under one key of `globalThis`: bundlers (Next.js, for one) load a package several times, and a run opened
 * through one copy must be seen by the others. Copies of another version do not understand it: they record nothing.
 */
export function processState(): ProcessState {
  holder[KEY] ??= newState();
  const held = holder[KEY];
  if (isOfThisVersion(held)) return held;
  own ??= newState();
  return own;
}

/**
 * To be called before a start.
 *
 * @returns the version of the package that has started in this process, if it is another one
 */
export function startedVersion(): string | undefined {
  const held = holder[KEY];
  if (held === undefined || isOfThisVersion(held)) return undefined;
  if (held.started !== undefined) return held.version ?? 'unknown';
  // It was loaded and not started: the process is this version's.
  holder[KEY] = processState();
  return undefined;
}

function newState(): ProcessState {
  return { version: VERSION, scope: new AsyncLocalStorage(), started: undefined };
}

function isOfThisVersion(state: NonNullable<Holder[typeof KEY]>): state is ProcessState {
  return state.version === VERSION;
}
