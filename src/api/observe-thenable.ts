import { types } from 'node:util';

/** Receives how a thenable settled, once, before the callbacks of the application. */
export interface SettlementObserver {
  fulfilled(value: unknown): void;
  rejected(error: unknown): void;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** One object may be returned from a step and from its run. */
const observedThenables = new WeakMap<object, ObservedThenable>();

/** Methods of SDKs that return a promise of the HTTP response, alone or beside the parsed value. */
const RESPONSE_METHODS = ['asResponse', 'withResponse', 'withRawResponse'];

/**
 * Reports to `observer` how a thenable of an SDK (such as `APIPromise` of `openai`) settles. The object is not
 * wrapped, since it has methods that a promise lacks, and `then` is never called from here, since it may send the
 * request or read the response body. Instead, until it has settled, own methods of the object report what the
 * application's own call of `then`, `catch`, `finally` or one of the methods for responses yields.
 *
 * Nothing is reported of a thenable that the application never subscribes to, of one that cannot be extended, of a
 * Proxy, and of a plain promise with own methods, for which `await` does not call `then`.
 */
export function observeThenable(thenable: PromiseLike<unknown>, observer: SettlementObserver): void {
  const observed = observedThenables.get(thenable);
  if (observed !== undefined) observed.observers.push(observer);
  else if (!types.isProxy(thenable) && Object.isExtensible(thenable))
    observedThenables.set(thenable, new ObservedThenable(thenable, observer));
}

/** A promise of any realm, without a subclass and without own methods such as those of `ky`. */
export function isPlainPromise(value: unknown): value is Promise<unknown> {
  // Node.js adds symbols to promises, but no names.
  if (!types.isPromise(value) || Object.getOwnPropertyNames(value).length > 0) return false;
  const objectPrototype: object | null = Object.getPrototypeOf(Object.getPrototypeOf(value));
  return objectPrototype !== null && Object.getPrototypeOf(objectPrototype) === null;
}

class ObservedThenable {
  readonly observers: SettlementObserver[];
  readonly #undo: (() => void)[] = [];
  /** A method for responses may call another one. */
  #inResponseMethod = false;

  constructor(
    private readonly thenable: PromiseLike<unknown>,
    observer: SettlementObserver,
  ) {
    this.observers = [observer];
    this.#replace('then', (then) => this.#observedThen(then));
    if (types.isPromise(thenable)) this.#replaceShorthands(thenable.then);
    for (const name of RESPONSE_METHODS) this.#replace(name, (method) => this.#observedResponse(method));
  }

  readonly #fulfilled = (value: unknown): void => {
    for (const observer of this.#settle()) observer.fulfilled(value);
  };

  readonly #rejected = (error: unknown): void => {
    for (const observer of this.#settle()) observer.rejected(error);
  };

  /** Restores the object. Returns the observers that were not notified yet, the innermost first. */
  #settle(): SettlementObserver[] {
    if (observedThenables.get(this.thenable) === this) observedThenables.delete(this.thenable);
    for (const undo of this.#undo.splice(0)) undo();
    return this.observers.splice(0);
  }

  #observedThen(then: Method): Method {
    const fulfilled = this.#fulfilled;
    const rejected = this.#rejected;
    const isPromise = types.isPromise(this.thenable);
    return function (onFulfilled, onRejected, ...others) {
      const fulfil = (value: unknown): unknown => {
        fulfilled(value);
        return typeof onFulfilled === 'function' ? onFulfilled(value) : value;
      };
      const reject = (error: unknown): unknown => {
        rejected(error);
        if (typeof onRejected === 'function') return onRejected(error);
        throw error;
      };
      // Without a callback, other thenables may not pass on the same value.
      const passed = isPromise || typeof onFulfilled === 'function' ? fulfil : onFulfilled;
      return Reflect.apply(then, this, [passed, reject, ...others]);
    };
  }

  /** Methods that a class overrides need not call its `then`; inherited ones do. */
  #replaceShorthands(then: Promise<unknown>['then']): void {
    for (const name of ['catch', 'finally'] as const) {
      this.#replace(name, (method) => {
        if (method === Promise.prototype[name]) return method;
        return function (...args) {
          const promise = Reflect.apply(then, this, []) as Promise<unknown>;
          return Reflect.apply(promise[name], promise, args);
        };
      });
    }
  }

  #observedResponse(method: Method): Method {
    const observed = this;
    return function (...args) {
      if (observed.#inResponseMethod) return Reflect.apply(method, this, args);
      observed.#inResponseMethod = true;
      let result: unknown;
      try {
        result = Reflect.apply(method, this, args);
      } finally {
        observed.#inResponseMethod = false;
      }
      if (!isPlainPromise(result)) return result;
      return result.then(
        (value) => {
          observed.#fulfilled(value);
          return value;
        },
        (error: unknown) => {
          observed.#rejected(error);
          throw error;
        },
      );
    };
  }

  #replace(name: string, replacementOf: (method: Method) => Method): void {
    const { thenable } = this;
    const method: unknown = Reflect.get(thenable, name);
    if (typeof method !== 'function') return;
    const before = Object.getOwnPropertyDescriptor(thenable, name);
    const value = replacementOf(method as Method);
    if (value === method) return;
    if (!Reflect.defineProperty(thenable, name, { value, configurable: true, writable: true })) return;
    this.#undo.push(() => {
      if (Object.getOwnPropertyDescriptor(thenable, name)?.value !== value) return;
      if (before === undefined) Reflect.deleteProperty(thenable, name);
      else Reflect.defineProperty(thenable, name, before);
    });
  }
}
