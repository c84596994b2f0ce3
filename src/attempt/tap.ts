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
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  const original = descriptor?.value;
  // A frozen prototype can't be tapped: its requests are recorded without bodies.
  if (!descriptor?.configurable || typeof original !== 'function') return () => {};
  let watching = true;
  const tapped = function (this: object, ...args: unknown[]): unknown {
    if (watching) {
      try {
        observe(this, args[0]);
      } catch (error) {
        warn('a body could not be recorded in full', error);
      }
    }
    return Reflect.apply(original, this, args);
  };
  Object.defineProperty(prototype, name, { ...descriptor, value: tapped });
  return () => {
    watching = false;
    // Another's wrapper may stand on top of ours by now; then ours stays below it and does nothing.
    if (prototype[name] === tapped) Object.defineProperty(prototype, name, descriptor);
  };
}
