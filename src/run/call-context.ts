import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Caller, CallerContexts } from '../attempt/callers.js';
import type { Scope } from './scope.js';

/** Where a model call is made. */
export interface CallContext {
  /** The run and step; `undefined` outside of every run. */
  readonly scope: Scope | undefined;
  /** The application's own OpenTelemetry context, with its active span. */
  readonly active: Context;
}

/** What undici does on its own runs inside of one. */
class NeutralScope implements Scope {
  readonly run = undefined;

  /** @param served the caller of the request that is being served */
  constructor(readonly served: Caller<CallContext> | 'unknown') {}
}

const NEUTRAL = new NeutralScope('unknown');

/** The async contexts of calls, as far as they are ours and OpenTelemetry's. */
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
    neutrally: (fn) => scopes.run(NEUTRAL, fn),
    enterNeutral: (served) => scopes.enterWith(served === 'unknown' ? NEUTRAL : new NeutralScope(served)),
  };
}
