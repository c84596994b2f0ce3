import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Caller, CallerContexts } from '../attempt/callers.js';
import type { StepRecord } from '../step/step-record.js';
import type { RunRecord } from './run-record.js';

/** The run and step that the current async context is inside of. */
export interface Scope {
  /** `undefined` if the run is not recorded. */
  readonly run: RunRecord | undefined;
  readonly step?: StepRecord | undefined;
  readonly shared?: SharedStep | undefined;
}

export interface SharedStep {
  step: StepRecord | undefined;
}

/** The async context in which a model call is made. */
export interface CallContext {
  readonly scope: Scope | undefined;
  /** The application's own OpenTelemetry context, with its active span. */
  readonly active: Context;
}

/** The scope of undici's own work, such as sockets and timers. */
class NeutralScope implements Scope {
  readonly run = undefined;

  constructor(readonly served: Caller<CallContext> | 'unknown') {}
}

const NEUTRAL = new NeutralScope('unknown');

export function callContexts(scopes: AsyncLocalStorage<Scope | undefined>): CallerContexts<CallContext> {
  const marked = new WeakSet<object>();
  return {
    current: () => {
      const scope = scopes.getStore();
      const active = context.active();
      if (scope instanceof NeutralScope || (scope === undefined && active === ROOT_CONTEXT)) return undefined;
      return { scope, active };
    },
    isInside: () => {
      const scope = scopes.getStore();
      if (scope instanceof NeutralScope) return false;
      return scope !== undefined || context.active() !== ROOT_CONTEXT;
    },
    mark: ({ scope, active }) => {
      if (scope !== undefined) marked.add(scope);
      if (active !== ROOT_CONTEXT) marked.add(active);
    },
    isMarked: ({ scope, active }) => (scope !== undefined && marked.has(scope)) || marked.has(active),
    served: () => {
      const scope = scopes.getStore();
      return scope instanceof NeutralScope ? scope.served : undefined;
    },
    runNeutral: (fn) => scopes.run(NEUTRAL, fn),
    enterNeutral: (served) => scopes.enterWith(served === 'unknown' ? NEUTRAL : new NeutralScope(served)),
  };
}
