import { monotonicMillis } from '../clock.js';
import { guarded, warn } from '../self-diagnostics.js';
import { COMPLETED, INTERRUPTED, type Outcome, outcomeOfError } from '../step/outcome.js';
import type { StepRecord } from '../step/step-record.js';
import { StreamEndedEarlyError } from '../verdict/errors.js';
import type { StreamParts } from '../wire/ai-sdk/stream-parts.js';
import { outcomeOfFailure } from './outcome-of-failure.js';

/**
 * What becomes of the stream of one call, told to its step (reference rows R5, R9, R11). Its methods never throw.
 *
 * The step is let go with the `finish` part, the end, an error, a cancel or an abort, whichever comes first, and
 * then ends with the exchange that feeds the stream, where there is one.
 */
export class StreamWatch {
  #failed = false;
  #over = false;
  #lastType: unknown;
  /** Weak: a listener of the application's may hold the stream, which then would never be collected. */
  readonly #signal: WeakRef<AbortSignal> | undefined;

  /** @param parts takes each part, in full capture */
  constructor(
    private readonly step: StepRecord,
    private readonly parts: StreamParts | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#signal = signal && new WeakRef(signal);
    signal?.addEventListener('abort', this.#aborted, { once: true });
    if (signal?.aborted) this.#aborted();
  }

  part(part: unknown): void {
    if (this.#over) return;
    try {
      this.#take(part);
    } catch (error) {
      warn('a part of a stream could not be recorded', error);
    }
  }

  /** The stream is at its end. */
  ended(): void {
    if (this.#over) return;
    const last = typeof this.#lastType === 'string' ? this.#lastType : undefined;
    this.#end(() =>
      this.#failed ? INTERRUPTED : outcomeOfError(new StreamEndedEarlyError(last), this.step.provider),
    );
  }

  failed(error: unknown): void {
    this.#end(() => outcomeOfFailure(error, this.step.provider, this.#signal?.deref()));
  }

  /** Whoever read it broke off, or nobody ever will. */
  dropped(): void {
    this.#end(() => INTERRUPTED);
  }

  #take(part: unknown): void {
    const { type, error } = (part ?? {}) as { type?: unknown; error?: unknown };
    const now = monotonicMillis();
    this.step.active(now);
    // It comes before the provider has answered.
    if (type !== 'stream-start') this.step.firstPartAt ??= now;
    this.#lastType = type;
    this.parts?.part(part);
    if (type === 'error') {
      this.#failed = true;
      this.step.finish(outcomeOfError(error, this.step.provider));
    } else if (type === 'abort') this.#end(() => INTERRUPTED);
    // Providers send one behind an error as well: that is no success.
    else if (type === 'finish') this.#end(() => (this.#failed ? INTERRUPTED : COMPLETED));
  }

  readonly #aborted = (): void => this.failed(this.#signal?.deref()?.reason);

  #end(outcome: () => Outcome): void {
    if (this.#over) return;
    this.#over = true;
    guarded('the end of a stream could not be recorded', undefined, () => {
      this.#signal?.deref()?.removeEventListener('abort', this.#aborted);
      this.step.finish(outcome());
      this.step.release('stream');
    });
  }
}
