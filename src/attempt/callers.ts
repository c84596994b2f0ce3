import { warn } from '../self-diagnostics.js';
import { isCalledBack, isListening, publishingScript } from './call-stack.js';
import { wrapMethod } from './tap.js';

/** Who makes a request. All requests of one call, a dispatcher's retries and redirects included, have the same object. */
export interface Caller<Context> {
  readonly isKnown: boolean;
  /** The async context in which the application made the call; `undefined` outside of every run and span. */
  readonly context: Context | undefined;
}

export function unknownCaller(): Caller<never> {
  return { isKnown: false, context: undefined };
}

/** Access to the async contexts that identify callers. */
export interface CallerContexts<Context> {
  /** That of the running code; `undefined` outside of every run and span, and in a neutral context. */
  readonly current: () => Context | undefined;
  /** Whether `current` would return one: it costs less. */
  readonly isInside: () => boolean;
  /** Marks a context in which undici may have started work of its own. */
  readonly mark: (context: Context) => void;
  /** Whether code that runs in this context may have been started in one that is marked. */
  readonly isMarked: (context: Context) => boolean;
  /** In a neutral context, the caller of the request that undici serves, or `unknown`. */
  readonly served: () => Caller<Context> | 'unknown' | undefined;
  /** Calls `fn` in a neutral context, which all that it starts inherits: sockets, timers, microtasks. */
  readonly neutrally: <T>(fn: () => T) => T;
  /** Makes the context of what is running now, and of what it starts, a neutral one. */
  readonly enterNeutral: (served: Caller<Context> | 'unknown') => void;
}

/** For a recorder that does not need the callers of requests. */
export const NO_CONTEXTS: CallerContexts<never> = {
  current: () => undefined,
  isInside: () => false,
  mark: () => {},
  isMarked: () => false,
  served: () => undefined,
  neutrally: (fn) => fn(),
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
  /** By the prototype whose `dispatch` is wrapped. */
  readonly #undo = new Map<object, () => void>();
  /** Prototypes of the clients that a pool dispatches its queue to. */
  readonly #clients = new WeakSet<object>();
  /** Beginnings of the names of undici's scripts. */
  readonly #scripts = new Set<string>();
  /** Prototypes of requests whose script is known. */
  readonly #known = new WeakSet<object>();
  /** Connections opened before `dispatch` was wrapped: they run in the context of one of the callers. */
  #owned: WeakRef<{ readonly destroyed?: unknown }>[] = [];
  /** The caller of the `dispatch` that is running. */
  #dispatching: Caller<Context> | undefined;
  /** The headers that were given to it. */
  #headers: unknown;

  constructor(private readonly contexts: CallerContexts<Context>) {}

  /** To be called while the request is being created. */
  callerOf(request: object): Caller<Context> {
    this.#learnScript(request);
    const handler = handlerOf(request);
    const noted = this.#dispatching ?? (handler && this.#byHandler.get(handler));
    const caller = this.#entered() ?? noted ?? this.#here(true);
    if (handler !== undefined && this.#byHandler.get(handler) !== caller)
      this.#byHandler.set(handler, caller);
    this.#byRequest.set(request, caller);
    return caller;
  }

  /**
   * The headers of a request, as its dispatcher was given them: undici 5 reads those of an HTTP/2 request after it has
   * published that. To be called while the request is being created.
   */
  get headers(): unknown {
    return this.#headers;
  }

  /** To be called when a connection has been made. */
  connected(socket: object): void {
    const context = this.contexts.current();
    if (context !== undefined) {
      this.#owned.push(new WeakRef(socket));
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
        this.#dispatch(dispatcher, args, () => Reflect.apply(dispatch, dispatcher, args)),
      ),
    );
  }

  /**
   * To be called before undici calls the handler of a request with its response.
   *
   * @param mayRepeat whether the handler may send the request again, as retries and redirects do
   */
  serves(request: object, mayRepeat: boolean): void {
    const { contexts } = this;
    const caller = (mayRepeat ? this.#byRequest.get(request) : undefined) ?? 'unknown';
    const served = contexts.served();
    // Outside of every run nothing is entered: that would make Node 20 and 22 follow each promise.
    const isOutside = served === undefined && !contexts.isInside();
    const isToEnter = isOutside ? caller !== 'unknown' && caller.context !== undefined : served !== caller;
    if (isToEnter) contexts.enterNeutral(caller);
  }

  /** Puts every prototype back. */
  removeAll(): void {
    for (const undo of this.#undo.values()) undo();
    this.#undo.clear();
  }

  #dispatch<T>(dispatcher: object, [options, handler]: readonly unknown[], call: () => T): T {
    const outer = this.#dispatching;
    const outerHeaders = this.#headers;
    const isInside = this.contexts.isInside();
    // An agent hands the request on to a pool, and that to a client.
    const isHandedOn = outer !== undefined && !isInside && outerHeaders === headersIn(options);
    if (isHandedOn && isObject(handler) && this.#byHandler.get(handler) === outer) return call();
    let caller: Caller<Context>;
    try {
      caller = this.#callerAt(dispatcher, handler, outer);
    } catch (error) {
      warn('the caller of a request could not be told', error);
      caller = unknownCaller();
    }
    this.#dispatching = caller;
    this.#headers = headersIn(options);
    try {
      return isInside && !isUpgrade(options) ? this.contexts.neutrally(call) : call();
    } finally {
      this.#dispatching = outer;
      this.#headers = outerHeaders;
    }
  }

  #callerAt(dispatcher: object, handler: unknown, outer: Caller<Context> | undefined): Caller<Context> {
    const noted = isObject(handler) ? this.#byHandler.get(handler) : undefined;
    const caller =
      this.#entered() ??
      (noted === undefined ? (outer ?? this.#callerOfNew(dispatcher)) : this.#again(noted, outer));
    if (isObject(handler) && noted !== caller) this.#byHandler.set(handler, caller);
    return caller;
  }

  /** During a `dispatch`, which runs in a neutral context: the application has entered another one in a callback. */
  #entered(): Caller<Context> | undefined {
    const context = this.#dispatching && this.contexts.current();
    return context && { isKnown: true, context };
  }

  #callerOfNew(dispatcher: object): Caller<Context> {
    // A pool's `drain` listener dispatches what was queued before `dispatch` was wrapped.
    const mayBeQueued =
      this.contexts.served() !== undefined || this.#clients.has(Object.getPrototypeOf(dispatcher));
    return mayBeQueued && isListening(this.#scripts) ? unknownCaller() : this.#here(false);
  }

  /** For a handler seen before: a pool or a retry dispatches it again, or the application uses it for another request. */
  #again(noted: Caller<Context>, outer: Caller<Context> | undefined): Caller<Context> {
    const { contexts } = this;
    if (outer !== undefined || !noted.isKnown || contexts.served() !== undefined) return noted;
    return isCalledBack(this.#scripts) ? noted : { isKnown: true, context: contexts.current() };
  }

  /** @param isUnwatched whether `dispatch` did not show this call */
  #here(isUnwatched: boolean): Caller<Context> {
    const { contexts } = this;
    const served = contexts.served();
    if (served !== undefined) return served === 'unknown' ? unknownCaller() : served;
    const context = contexts.current();
    if (isUnwatched && context !== undefined) contexts.mark(context);
    const isMarked = context !== undefined && contexts.isMarked(context);
    const mayBeOthers = isUnwatched || (isMarked && this.#hasOwnedSockets());
    return mayBeOthers && isCalledBack(this.#scripts) ? unknownCaller() : { isKnown: true, context };
  }

  #hasOwnedSockets(): boolean {
    if (this.#owned.length === 0) return false;
    this.#owned = this.#owned.filter((socket) => socket.deref()?.destroyed === false);
    return this.#owned.length > 0;
  }

  #learnScript(request: object): void {
    const prototype: object = Object.getPrototypeOf(request);
    if (this.#known.has(prototype)) return;
    this.#known.add(prototype);
    const script = publishingScript();
    if (script !== undefined) this.#scripts.add(script);
    this.#wrapStart(prototype);
  }

  /**
   * undici starts a request when the one before it on the connection is over, in the async context of that: neither the
   * handler, which it calls at once, nor the body may run in it.
   */
  #wrapStart(prototype: object): void {
    const { contexts } = this;
    const name = Object.hasOwn(prototype, 'onRequestStart') ? 'onRequestStart' : 'onConnect';
    const undo = wrapMethod(prototype, name, (request, args, start) => {
      const call = () => Reflect.apply(start, request, args);
      const served = contexts.served();
      if (served !== undefined) {
        if (served !== 'unknown' && served !== this.#byRequest.get(request)) contexts.enterNeutral('unknown');
        return call();
      }
      const isOthers = contexts.isInside() && !isUpgrade(request);
      return isOthers ? contexts.neutrally(call) : call();
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

/** What undici calls with the response: the request has it behind a symbol. */
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

/** Behind symbols: the parser of an HTTP/1 connection, or the session of an HTTP/2 one, has its client. */
function clientOf(socket: object): object | undefined {
  for (const owner of symbolValues(socket)) {
    const { client } = owner as { client?: unknown };
    const found = [client, ...symbolValues(owner)].find(isDispatcher);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The nearest prototype with a `dispatch` of its own: all dispatchers of this copy of undici share it. */
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
