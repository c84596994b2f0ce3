import { monotonicMillis } from '../clock.js';
import { guarded, warn } from '../self-diagnostics.js';
import { COMPLETED, INTERRUPTED, type Outcome, outcomeOfError } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import { StreamEndedEarlyError } from '../verdict/response-errors.js';
import type { StreamParts } from '../wire/reading/ai-sdk-response.js';
import { outcomeOfFailure, type RunInStep } from './model-call.js';

/**
 * Sets the outcome of a step from the parts of its stream. Its methods never throw.
 *
 * The first of a `finish` part, the end, an error, a cancel and an abort releases the step. The step then ends with
 * the exchange that feeds the stream, if there is one.
 */
export class StreamRecorder {
  #failed = false;
  #ended = false;
  #lastType: unknown;
  /** Weak, because the application may hold a listener on the signal that retains the stream. */
  readonly #signal: WeakRef<AbortSignal> | undefined;

  /** @param parts collects the parts; `undefined` unless the capture is `full` */
  constructor(
    private readonly step: StepRecord,
    private readonly parts: StreamParts | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#signal = signal && new WeakRef(signal);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted) this.#onAbort();
  }

  onPart(part: unknown): void {
    if (this.#ended) return;
    try {
      this.#record(part);
    } catch (error) {
      warn('a part of a stream could not be recorded', error);
    }
  }

  onEnd(): void {
    if (this.#ended) return;
    const last = typeof this.#lastType === 'string' ? this.#lastType : undefined;
    this.#end(() =>
      this.#failed ? INTERRUPTED : outcomeOfError(new StreamEndedEarlyError(last), this.step.provider),
    );
  }

  onError(error: unknown): void {
    this.#end(() => outcomeOfFailure(error, this.step.provider, this.#signal?.deref()));
  }

  /** The reader cancelled the stream, or the stream was garbage collected. */
  onCancel(): void {
    this.#end(() => INTERRUPTED);
  }

  #record(part: unknown): void {
    const { type, error } = (part ?? {}) as { type?: unknown; error?: unknown };
    const now = monotonicMillis();
    this.step.active(now);
    // `stream-start` precedes the response of the provider.
    if (type !== 'stream-start') this.step.firstPartAt ??= now;
    this.#lastType = type;
    this.parts?.part(part);
    if (type === 'error') {
      this.#failed = true;
      this.step.finish(outcomeOfError(error, this.step.provider));
    } else if (type === 'abort') this.#end(() => INTERRUPTED);
    // Providers send `finish` after an error too.
    else if (type === 'finish') this.#end(() => (this.#failed ? INTERRUPTED : COMPLETED));
  }

  readonly #onAbort = (): void => this.onError(this.#signal?.deref()?.reason);

  #end(outcome: () => Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    guarded('the end of a stream could not be recorded', undefined, () => {
      this.#signal?.deref()?.removeEventListener('abort', this.#onAbort);
      this.step.finish(outcome());
      this.step.release('stream');
    });
  }
}

/** Returns true for an unlocked stream. */
export function isReadableStream(value: unknown): value is ReadableStream<unknown> {
  const { getReader, locked } = value as Partial<ReadableStream<unknown>>;
  return typeof getReader === 'function' && locked === false;
}

/** Reports streams that are garbage collected before they were read to the end. */
const collectedStreams = new FinalizationRegistry<StreamRecorder>((recorder) => recorder.onCancel());

/**
 * Returns a stream with the parts of `source` that reports to `recorder`. It reads a part of `source` when a part is
 * requested, never ahead. Errors and cancel reasons are passed on unchanged.
 *
 * @param runInStep calls the source: reading a part may send a request
 */
export function recordedStream(
  source: ReadableStream<unknown>,
  recorder: StreamRecorder,
  runInStep: RunInStep,
): ReadableStream<unknown> {
  const reader = source.getReader();
  const read = () => reader.read();
  const stream = new ReadableStream<unknown>(
    {
      start: (controller) => forwardErrors(reader, controller, recorder),
      pull: (controller) =>
        runInStep(read).then(({ done, value }) => {
          if (done) {
            recorder.onEnd();
            controller.close();
          } else {
            recorder.onPart(value);
            controller.enqueue(value);
          }
        }),
      cancel: (reason) => {
        recorder.onCancel();
        return runInStep(() => reader.cancel(reason));
      },
    },
    { highWaterMark: 0 },
  );
  collectedStreams.register(stream, recorder);
  return stream;
}

/** Forwards an error of the source at once, even without a pending read. Does not retain the stream. */
function forwardErrors(
  reader: ReadableStreamDefaultReader<unknown>,
  controller: ReadableStreamDefaultController<unknown>,
  recorder: StreamRecorder,
): void {
  const controllerRef = new WeakRef(controller);
  reader.closed.catch((error: unknown) => {
    recorder.onError(error);
    controllerRef.deref()?.error(error);
  });
}

/**
 * Returns a function that copies the result of `doStream` with another stream. All other members stay as they are,
 * getters included. They are read before the stream is locked, so that a failure leaves the result usable.
 */
export function copyWithStream(result: object): (stream: ReadableStream<unknown>) => object {
  const prototype: object | null = Object.getPrototypeOf(result);
  const members = Object.getOwnPropertyDescriptors(result);
  return (value) =>
    Object.create(prototype, {
      ...members,
      stream: { value, writable: true, enumerable: true, configurable: true },
    });
}
