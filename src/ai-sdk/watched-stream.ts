import type { InStep } from './model-call.js';
import type { StreamWatch } from './stream-watch.js';

/** Streams that are let go without having been read to their end. */
const unread = new FinalizationRegistry<StreamWatch>((watch) => watch.dropped());

export function isWatchable(value: unknown): value is ReadableStream<unknown> {
  const { getReader, locked } = value as Partial<ReadableStream<unknown>>;
  return typeof getReader === 'function' && locked === false;
}

/**
 * A stream that gives the parts of `source`, and tells `watch` of them. Nothing is read ahead: a part is asked for
 * when somebody waits for it. Errors and reasons pass through as the very values they are.
 *
 * @param inStep asking for a part may make the model send a request
 */
export function watchStream(
  source: ReadableStream<unknown>,
  watch: StreamWatch,
  inStep: InStep,
): ReadableStream<unknown> {
  const reader = source.getReader();
  const read = () => reader.read();
  const stream = new ReadableStream<unknown>(
    {
      start: (controller) => failWith(reader, controller, watch),
      pull: (controller) =>
        inStep(read).then(({ done, value }) => {
          if (done) {
            watch.ended();
            controller.close();
          } else {
            watch.part(value);
            controller.enqueue(value);
          }
        }),
      cancel: (reason) => {
        watch.dropped();
        return inStep(() => reader.cancel(reason));
      },
    },
    { highWaterMark: 0 },
  );
  unread.register(stream, watch);
  return stream;
}

/**
 * An error of the source is one of the stream at once, also while nobody reads. It must not keep the stream
 * alive, which nobody may ever read.
 */
function failWith(
  reader: ReadableStreamDefaultReader<unknown>,
  controller: ReadableStreamDefaultController<unknown>,
  watch: StreamWatch,
): void {
  const controlled = new WeakRef(controller);
  reader.closed.catch((error: unknown) => {
    watch.failed(error);
    controlled.deref()?.error(error);
  });
}

/**
 * Copies the result of `doStream` with another stream in it; the rest is as it is, getters included. It is read
 * before the stream is, which nobody could give back afterwards.
 */
export function resultWith(result: object): (stream: ReadableStream<unknown>) => object {
  const prototype: object | null = Object.getPrototypeOf(result);
  const members = Object.getOwnPropertyDescriptors(result);
  return (value) =>
    Object.create(prototype, {
      ...members,
      stream: { value, writable: true, enumerable: true, configurable: true },
    });
}
