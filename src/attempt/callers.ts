import { warn } from '../self-diagnostics.js';
import { isCalledAsListener, isCalledBack, publishingScript } from './call-stack.js';
import { type Method, wrapMethod } from './tap.js';

/**
 * The caller of a request. All requests of one call, including retries and redirects of a dispatcher, share one object.
 */
export interface Caller<Context> {
  readonly isKnown: boolean;
  /** The async context in which the application made the call; `undefined` outside any run and span. */
  readonly context: Context | undefined;
}

export function unknownCaller(): Caller<never> {
  return { isKnown: false, context: undefined };
}

/** Returns the caller of a request that is created in its caller's context, as those of Node's own clients are. */
export function currentCaller<Context>(
  contexts: Pick<CallerContexts<Context>, 'served' | 'current'>,
): Caller<Context> {
  return contexts.served() === undefined ? { isKnown: true, context: contexts.current() } : unknownCaller();
}

/** Access to the async contexts that identify callers. */
export interface CallerContexts<Context> {
  /** Returns the current context; `undefined` outside any run and span, and in a neutral context. */
  readonly current: () => Context | undefined;
  /** Whether `current` would return a context, at a lower cost. */
  readonly isInside: () => boolean;
  /** Marks a context in which undici may have started work of its own. */
  readonly mark: (context: Context) => void;
  /** Whether code in this context may have been started in a marked one. */
  readonly isMarked: (context: Context) => boolean;
  /** Returns, in a neutral context, the caller of the request that undici serves, or `unknown`. */
  readonly served: () => Caller<Context> | 'unknown' | undefined;
  /** Calls `fn` in a neutral context, which its sockets, timers and microtasks inherit. */
  readonly runNeutral: <T>(fn: () => T) => T;
  /** Makes the current context neutral, also for everything started from it. */
  readonly enterNeutral: (served: Caller<Context> | 'unknown') => void;
}

export const NO_CONTEXTS: CallerContexts<never> = {
  current: () => undefined,
  isInside: () => false,
  mark: () => {},
  isMarked: () => false,
  served: () => undefined,
  runNeutral: (fn) => fn(),
  enterNeutral: () => {},
};

/**
 * Finds the caller of each undici request. undici creates a request that waited in a pool, is retried or is redirected
 * while it serves another request, in the async context in which that connection was opened. Therefore:
 * - The caller is stored when the application calls `dispatch`, by the handler object, which a pool keeps in its queue.
 * - undici's own work (sockets, timers) runs in a neutral context, which distinguishes it from the application's code.
 * - While undici serves a response that may cause a retry, a new `dispatch` belongs to the caller of that request.
 *
 * `dispatch` is wrapped on the prototype that all dispatchers of one copy of undici share. That prototype is reachable
 * once the copy has its first connection. Until then, the call stack shows whether the application called undici or
 * an event did.
 */
export class Callers<Context> {
  readonly #byHandler = new WeakMap<object, Caller<Context>>();
  readonly #byRequest = new WeakMap<object, Caller<Context>>();
  readonly #undo = new Map<object, () => void>();
  readonly #clients = new WeakSet<object>();
  readonly #scripts = new Set<string>();
  readonly #knownRequests = new WeakSet<object>();
  /** Connections opened before `dispatch` was wrapped: they run in the context of a caller. */
  #earlySockets: WeakRef<{ readonly destroyed?: unknown }>[] = [];
  #dispatching: Caller<Context> | undefined;
  #headers: unknown;

  constructor(private readonly contexts: CallerContexts<Context>) {}

  /** Returns the caller of a request. Must be called while the request is created. */
  callerOf(request: object): Caller<Context> {
    this.#learnScript(request);
    const handler = handlerOf(request);
    const stored = this.#dispatching ?? (handler && this.#byHandler.get(handler));
    const caller = this.#enteredCaller() ?? stored ?? this.#currentCaller(true);
    if (handler !== undefined && this.#byHandler.get(handler) !== caller)
      this.#byHandler.set(handler, caller);
    this.#byRequest.set(request, caller);
    return caller;
  }

  /**
   * The headers that were passed to `dispatch`: undici 5 reads those of an HTTP/2 request after it has published the
   * request. Must be called while the request is created.
   */
  get headers(): unknown {
    return this.#headers;
  }

  connected(socket: object): void {
    const context = this.contexts.current();
    if (context !== undefined) {
      this.#earlySockets.push(new WeakRef(socket));
      this.contexts.mark(context);
    }
    const client = clientOf(socket);
    if (client === undefined) return;
    this.#clients.add(Object.getPrototypeOf(client));
    const prototype = dispatchingPrototypeOf(client);
    if (prototype === undefined || this.#undo.has(prototype)) return;
    this.#undo.set(
      prototype,
      wrapMethod(prototype, 'dispatch', (dispatcher, args, dispatch) =>
        this.#dispatch(dispatcher, args, dispatch),
      ),
    );
  }

  /**
   * Must be called before undici passes a response to the handler of its request.
   *
   * @param mayRepeat whether the handler may send the request again, as for retries and redirects
   */
  enterResponse(request: object, mayRepeat: boolean): void {
    const { contexts } = this;
    const caller = (mayRepeat ? this.#byRequest.get(request) : undefined) ?? 'unknown';
    const served = contexts.served();
    // Outside any run nothing is entered, or Node 20 and 22 would track every promise.
    const isOutside = served === undefined && !contexts.isInside();
    const shouldEnter = isOutside ? caller !== 'unknown' && caller.context !== undefined : served !== caller;
    if (shouldEnter) contexts.enterNeutral(caller);
  }

  removeAll(): void {
    for (const undo of this.#undo.values()) undo();
    this.#undo.clear();
  }

  #dispatch(dispatcher: object, args: readonly unknown[], dispatch: Method): unknown {
    const options = args[0];
    const handler = args[1];
    const outer = this.#dispatching;
    const outerHeaders = this.#headers;
    const isInside = this.contexts.isInside();
    // An agent forwards the request to a pool, and the pool to a client.
    const isForwarded = outer !== undefined && !isInside && outerHeaders === headersIn(options);
    if (isForwarded && isObject(handler) && this.#byHandler.get(handler) === outer)
      return Reflect.apply(dispatch, dispatcher, args);
    let caller: Caller<Context>;
    try {
      caller = this.#callerAt(dispatcher, handler, outer);
    } catch (error) {
      warn('the caller of a request could not be determined', error);
      caller = unknownCaller();
    }
    this.#dispatching = caller;
    this.#headers = headersIn(options);
    try {
      return isInside && !isUpgrade(options)
        ? this.contexts.runNeutral(() => Reflect.apply(dispatch, dispatcher, args))
        : Reflect.apply(dispatch, dispatcher, args);
    } finally {
      this.#dispatching = outer;
      this.#headers = outerHeaders;
    }
  }

  #callerAt(dispatcher: object, handler: unknown, outer: Caller<Context> | undefined): Caller<Context> {
    const stored = isObject(handler) ? this.#byHandler.get(handler) : undefined;
    const caller =
      this.#enteredCaller() ??
      (stored === undefined ? (outer ?? this.#callerOfNew(dispatcher)) : this.#callerOfReused(stored, outer));
    if (isObject(handler) && stored !== caller) this.#byHandler.set(handler, caller);
    return caller;
  }

  /** Returns the caller if the application has entered a context inside a `dispatch`, which runs in a neutral one. */
  #enteredCaller(): Caller<Context> | undefined {
    const context = this.#dispatching && this.contexts.current();
    return context && { isKnown: true, context };
  }

  #callerOfNew(dispatcher: object): Caller<Context> {
    // A pool's `drain` listener dispatches what was queued before `dispatch` was wrapped.
    const mayBeQueued =
      this.contexts.served() !== undefined || this.#clients.has(Object.getPrototypeOf(dispatcher));
    return mayBeQueued && isCalledAsListener(this.#scripts) ? unknownCaller() : this.#currentCaller(false);
  }

  /** For a known handler: a pool or a retry dispatches it again, or the application reuses it for another request. */
  #callerOfReused(stored: Caller<Context>, outer: Caller<Context> | undefined): Caller<Context> {
    const { contexts } = this;
    if (outer !== undefined || !stored.isKnown || contexts.served() !== undefined) return stored;
    return isCalledBack(this.#scripts) ? stored : { isKnown: true, context: contexts.current() };
  }

  /** @param isUnwatched whether no wrapped `dispatch` has seen this call */
  #currentCaller(isUnwatched: boolean): Caller<Context> {
    const { contexts } = this;
    const served = contexts.served();
    if (served !== undefined) return served === 'unknown' ? unknownCaller() : served;
    const context = contexts.current();
    if (isUnwatched && context !== undefined) contexts.mark(context);
    const isMarked = context !== undefined && contexts.isMarked(context);
    const mayBeForeign = isUnwatched || (isMarked && this.#hasEarlySockets());
    return mayBeForeign && isCalledBack(this.#scripts) ? unknownCaller() : { isKnown: true, context };
  }

  #hasEarlySockets(): boolean {
    if (this.#earlySockets.length === 0) return false;
    this.#earlySockets = this.#earlySockets.filter((socket) => socket.deref()?.destroyed === false);
    return this.#earlySockets.length > 0;
  }

  #learnScript(request: object): void {
    const prototype: object = Object.getPrototypeOf(request);
    if (this.#knownRequests.has(prototype)) return;
    this.#knownRequests.add(prototype);
    const script = publishingScript();
    if (script !== undefined) this.#scripts.add(script);
    this.#wrapStart(prototype);
  }

  /**
   * undici starts a queued request when the one before it on the connection has ended, in the async context of that one,
   * or inside the next `dispatch`, whose caller may be another. Neither the handler, which undici calls at once, nor the
   * body may run in it.
   */
  #wrapStart(prototype: object): void {
    const { contexts } = this;
    const name = Object.hasOwn(prototype, 'onRequestStart') ? 'onRequestStart' : 'onConnect';
    const undo = wrapMethod(prototype, name, (request, args, start) => {
      const caller = this.#byRequest.get(request);
      // Until this `dispatch` returns, undici only calls the handlers of requests that it starts.
      if (this.#dispatching !== caller) this.#dispatching = undefined;
      const served = contexts.served();
      if (served === undefined && contexts.isInside() && !isUpgrade(request))
        return contexts.runNeutral(() => Reflect.apply(start, request, args));
      if (served !== undefined && served !== 'unknown' && served !== caller) contexts.enterNeutral('unknown');
      return Reflect.apply(start, request, args);
    });
    this.#undo.set(prototype, undo);
  }
}

function headersIn(options: unknown): unknown {
  return isObject(options) ? (options as { headers?: unknown }).headers : undefined;
}

/** True for a WebSocket: its connection serves one caller, and its listeners run in that caller's context. */
function isUpgrade(options: unknown): boolean {
  return isObject(options) && Boolean((options as { upgrade?: unknown }).upgrade);
}

const handlerSymbols = new WeakMap<object, symbol | undefined>();

/** Returns the handler of a request, which is behind a symbol. */
function handlerOf(request: object): object | undefined {
  const prototype: object = Object.getPrototypeOf(request);
  let symbol = handlerSymbols.get(prototype);
  if (symbol === undefined) {
    symbol = Object.getOwnPropertySymbols(request).find(({ description }) => description === 'handler');
    handlerSymbols.set(prototype, symbol);
  }
  const handler: unknown = symbol && Reflect.get(request, symbol);
  return isObject(handler) ? handler : undefined;
}

/** Returns the client of a socket, which is behind symbols of its HTTP/1 parser or HTTP/2 session. */
function clientOf(socket: object): object | undefined {
  for (const owner of symbolValues(socket)) {
    const { client } = owner as { client?: unknown };
    const found = [client, ...symbolValues(owner)].find(isDispatcher);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether undici made this HTTP/2 session: then it has its client behind a symbol. */
export function servesDispatcher(session: object): boolean {
  return symbolValues(session).some(isDispatcher);
}

/** Returns the nearest prototype with its own `dispatch`, which all dispatchers of this copy of undici share. */
function dispatchingPrototypeOf(client: object): object | undefined {
  let prototype: object | null = Object.getPrototypeOf(client);
  while (prototype !== null && !Object.hasOwn(prototype, 'dispatch'))
    prototype = Object.getPrototypeOf(prototype);
  return prototype ?? undefined;
}

function symbolValues(of: object): object[] {
  return Object.getOwnPropertySymbols(of)
    .map((symbol): unknown => Reflect.get(of, symbol))
    .filter(isObject);
}

function isDispatcher(value: unknown): value is object {
  return isObject(value) && typeof (value as { dispatch?: unknown }).dispatch === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
