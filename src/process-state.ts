import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChatDebugHandle } from './handle.js';
import type { LiveRuns } from './run/live-runs.js';
import type { Scope } from './run/scope.js';

/** What all copies of this package in one process share. */
export interface ProcessState {
  /** Where the current async context stands: the one of the present start. */
  scope: AsyncLocalStorage<Scope | undefined>;
  /** What was started, by whichever copy. */
  started: { readonly runs: LiveRuns; readonly handle: ChatDebugHandle } | undefined;
}

/** With the version of the shape of what is shared, which is not that of the package. */
const KEY = Symbol.for('opentelemetry-instrumentation-chatdebug.state.v1');

/**
 * The state under one key of `globalThis`: bundlers (Next.js, for one) load a package several times, and a
 * run opened through one copy must be seen by the others.
 */
export function processState(): ProcessState {
  const holder = globalThis as { [KEY]?: ProcessState };
  holder[KEY] ??= { scope: new AsyncLocalStorage(), started: undefined };
  return holder[KEY];
}
