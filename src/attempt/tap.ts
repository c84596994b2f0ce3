import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { warn } from '../self-diagnostics.js';

/** Wraps a subscriber so that it never throws: an error would be an uncaught exception of the application. */
export function quietly<Message>(subscriber: (message: Message) => void) {
  return (message: unknown): void => {
    try {
      subscriber(message as Message);
    } catch (error) {
      warn('an HTTP exchange could not be recorded in full', error);
    }
  };
}

/**
 * Subscribes to diagnostics channels.
 *
 * @param subscribers by the name of the channel
 *
 * @returns the undo
 */
export function subscribeQuietly<Message>(
  subscribers: Readonly<Record<string, (message: Message) => void>>,
): () => void {
  const undoes = Object.entries(subscribers).map(([channel, subscriber]) => {
    const quiet = quietly(subscriber);
    subscribe(channel, quiet);
    return () => unsubscribe(channel, quiet);
  });
  return () => {
    for (const undo of undoes) undo();
  };
}

interface ChunkObserver {
  sent(request: object, chunk: unknown): void;
  received(request: object, chunk: unknown): void;
}

interface UndiciRequestPrototype {
  onBodySent?(chunk: unknown): unknown;
  onData?(chunk: unknown): unknown;
}

/**
 * Observes the body chunks of undici before 7.16 (the `fetch` of Node 20 and 22, npm undici 5 and 6), which does not
 * publish them on its channels. A tap wraps `onBodySent` and `onData` of the prototype of the request object, of which
 * each copy of undici has one.
 */
export class PrototypeTaps {
  readonly #undo = new Map<object, () => void>();
  /** Prototypes that need no tap: their undici publishes chunks. */
  readonly #publishing = new WeakSet<object>();

  constructor(private readonly observer: ChunkObserver) {}

  /** Taps the prototype of this request, unless its undici publishes chunks. */
  add(request: object): void {
    const prototype: UndiciRequestPrototype | null = Object.getPrototypeOf(request);
    if (prototype === null || this.#undo.has(prototype) || this.#publishing.has(prototype)) return;
    const undoSent = wrap(prototype, 'onBodySent', this.observer.sent);
    const undoReceived = wrap(prototype, 'onData', this.observer.received);
    this.#undo.set(prototype, () => {
      undoSent();
      undoReceived();
    });
  }

  /** Restores the prototype of this request: its undici has published a chunk. */
  remove(request: object): void {
    const prototype: object = Object.getPrototypeOf(request);
    this.#publishing.add(prototype);
    this.#undo.get(prototype)?.();
    this.#undo.delete(prototype);
  }

  removeAll(): void {
    for (const undo of this.#undo.values()) undo();
    this.#undo.clear();
  }
}

function wrap(
  prototype: UndiciRequestPrototype,
  name: 'onBodySent' | 'onData',
  observe: (request: object, chunk: unknown) => void,
): () => void {
  // A frozen prototype cannot be tapped: its requests are recorded without bodies.
  return wrapMethod(prototype, name, (request, args, method) => {
    try {
      observe(request, args[0]);
    } catch (error) {
      warn('a body could not be recorded in full', error);
    }
    return Reflect.apply(method, request, args);
  });
}

export type Method = (this: object, ...args: unknown[]) => unknown;

/**
 * Wraps a method of a prototype. The wrapper has the name and length of the method.
 *
 * @param around called instead of the method
 * @returns the undo; it does nothing if the method could not be wrapped
 */
export function wrapMethod(
  prototype: object,
  name: string,
  around: (self: object, args: readonly unknown[], method: Method) => unknown,
): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  const method: Method | undefined = descriptor?.value;
  if (!descriptor?.configurable || typeof method !== 'function') return () => {};
  let watching = true;
  const wrapper = named(method, function (...args) {
    return watching ? around(this, args, method) : Reflect.apply(method, this, args);
  });
  Object.defineProperty(prototype, name, { ...descriptor, value: wrapper });
  return () => {
    watching = false;
    // If the method was wrapped again, our wrapper stays and only passes calls on.
    if (Reflect.get(prototype, name) === wrapper) Object.defineProperty(prototype, name, descriptor);
  };
}

/**
 * Observes the calls of a method of one object, by a non-enumerable property of that object. A method that is assigned
 * to the object or its prototype later is called as without the tap.
 *
 * @param observe called with the arguments before the method
 * @returns the undo; it does nothing if the object cannot be tapped
 */
export function tapInstance(
  instance: object,
  name: string,
  observe: (args: readonly unknown[]) => void,
): () => void {
  const before = Object.getOwnPropertyDescriptor(instance, name);
  const original: unknown = Reflect.get(instance, name);
  const isFixed = before === undefined ? !Object.isExtensible(instance) : before.configurable !== true;
  if (isFixed || typeof original !== 'function') return () => {};
  let watching = true;
  const tap = named(original as Method, function (...args) {
    if (watching && this === instance) {
      try {
        observe(args);
      } catch (error) {
        warn('a body could not be recorded in full', error);
      }
    }
    const method = before === undefined ? Reflect.get(Object.getPrototypeOf(instance), name, this) : original;
    return Reflect.apply(method as Method, this, args);
  });
  Object.defineProperty(instance, name, {
    value: tap,
    configurable: true,
    writable: true,
    enumerable: before?.enumerable ?? false,
  });
  return () => {
    watching = false;
    // If the method was wrapped again, the tap stays and only passes calls on.
    if (Object.getOwnPropertyDescriptor(instance, name)?.value !== tap) return;
    if (before === undefined) Reflect.deleteProperty(instance, name);
    else Object.defineProperty(instance, name, before);
  };
}

function named(method: Method, wrapper: Method): Method {
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(wrapper, property, { value: method[property], configurable: true });
  }
  return wrapper;
}
