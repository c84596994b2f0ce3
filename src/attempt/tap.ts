import { warn } from '../self-diagnostics.js';

/** What is seen of a request's body chunks. */
export interface ChunkObserver {
  /** A chunk of the request's body is on its way. */
  sent(request: object, chunk: unknown): void;
  /** A chunk of the response's body came in. */
  received(request: object, chunk: unknown): void;
}

interface UndiciRequestPrototype {
  onBodySent?(chunk: unknown): unknown;
  onData?(chunk: unknown): unknown;
}

/**
 * undici publishes body chunks on its channels from 7.16 on. Below that (Node 20's and 22's own `fetch`, npm
 * undici 5 and 6) the only place to see them is the prototype of the request object that the `create`
 * channel hands out, of which there is one per copy of undici. A tap wraps `onBodySent` and `onData` there.
 */
export class PrototypeTaps {
  readonly #undo = new Map<object, () => void>();
  /** Prototypes whose undici publishes its chunks: they need no tap. */
  readonly #publishing = new WeakSet<object>();

  constructor(private readonly observer: ChunkObserver) {}

  /** Makes sure that chunks of this request are seen, one way or the other. */
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

  /** This request's undici published a chunk itself: its prototype is put back. */
  remove(request: object): void {
    const prototype: object = Object.getPrototypeOf(request);
    this.#publishing.add(prototype);
    this.#undo.get(prototype)?.();
    this.#undo.delete(prototype);
  }

  /** Puts every prototype back. */
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
  // A frozen prototype can't be tapped: its requests are recorded without bodies.
  return wrapMethod(prototype, name, (request, args, method) => {
    try {
      observe(request, args[0]);
    } catch (error) {
      warn('a body could not be recorded in full', error);
    }
    return Reflect.apply(method, request, args);
  });
}

type Method = (this: object, ...args: unknown[]) => unknown;

/**
 * Wraps a method of a prototype. The wrapper has the name and the length of the method.
 *
 * @param around called instead of the method, with its `this` and its arguments
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
  const wrapper: Method = function (...args) {
    return watching ? around(this, args, method) : Reflect.apply(method, this, args);
  };
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(wrapper, property, { value: method[property], configurable: true });
  }
  Object.defineProperty(prototype, name, { ...descriptor, value: wrapper });
  return () => {
    watching = false;
    // Another's wrapper may stand on top of ours by now; then ours stays below it and does nothing.
    if (Reflect.get(prototype, name) === wrapper) Object.defineProperty(prototype, name, descriptor);
  };
}
