import { AsyncLocalStorage } from 'node:async_hooks';
import type { FetchRecorder } from './attempt/fetch-recorder.js';
import type { ChatDebugHandle, SpanListener } from './handle.js';
import type { CallContext, Scope } from './run/call-context.js';
import type { LiveRuns } from './run/live-runs.js';
import { VERSION } from './version.js';

/** The state that all copies of one version of this package share in a process. */
export interface ProcessState {
  /** The package version. Copies of another version read this and `started` only. */
  readonly version: string;
  /** The async context of the present start. */
  scope: AsyncLocalStorage<Scope | undefined>;
  /** The recording, started by any copy. */
  started:
    | {
        readonly runs: () => LiveRuns;
        readonly handle: ChatDebugHandle;
        readonly fetches: () => FetchRecorder<CallContext>;
        /** Sets the listener for written spans, in place of an earlier one. */
        readonly listen: (listener: SpanListener) => void;
        /** The retained runs of `processRuns`, created by its first call in any copy. */
        memory?: unknown;
      }
    | undefined;
}

interface Holder {
  [KEY]?: ProcessState | { readonly version?: string; readonly started?: unknown };
}

const KEY = Symbol.for('opentelemetry-instrumentation-chatdebug.state.v1');

const holder = globalThis as Holder;
/** The state of this copy if another version has started in this process. */
let own: ProcessState | undefined;

/**
 * Returns the state under one key of `globalThis`. Bundlers such as Next.js load a package several times, and a run
 * that one copy opens must be visible to the others. Copies of another version record nothing.
 */
export function processState(): ProcessState {
  holder[KEY] ??= newState();
  const held = holder[KEY];
  if (isOfThisVersion(held)) return held;
  own ??= newState();
  return own;
}

/**
 * Call before a start.
 *
 * @returns the version that has started in this process, if it differs
 */
export function startedVersion(): string | undefined {
  const held = holder[KEY];
  if (held === undefined || isOfThisVersion(held)) return undefined;
  if (held.started !== undefined) return held.version ?? 'unknown';
  // The other version was loaded but not started.
  holder[KEY] = processState();
  return undefined;
}

function newState(): ProcessState {
  return { version: VERSION, scope: new AsyncLocalStorage(), started: undefined };
}

function isOfThisVersion(state: NonNullable<Holder[typeof KEY]>): state is ProcessState {
  return state.version === VERSION;
}
