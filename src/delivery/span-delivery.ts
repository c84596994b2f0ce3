import { AsyncResource } from 'node:async_hooks';
import { context, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { monotonicMillis } from '../clock.js';
import { guarded, warn } from '../self-diagnostics.js';
import { type ExportTarget, foreignTarget, otlpTarget } from './export-target.js';
import type { SpanExporter } from './exporter.js';
import { Flushes, waitAtMost } from './flushes.js';
import { LastDelivery } from './last-delivery.js';
import { Ledger } from './ledger.js';
import type { DeliveryStats } from './losses.js';
import { DEFAULT_DELIVERY_OPTIONS, type DeliveryOptions } from './options.js';
import { ProcessEnd } from './process-end.js';
import { SpanQueue } from './queue.js';
import { RetrySchedule } from './retry.js';
import { Sender } from './sender.js';
import { approximateBytes } from './span-size.js';
import { UNTRACED } from './untraced.js';

export interface SpanDeliveryOptions extends Partial<DeliveryOptions> {
  /**
   * Default: `OTLPTraceExporter`, as the `OTEL_EXPORTER_OTLP_*` variables say. With any other exporter, what
   * is undelivered when the process ends without `shutdown()` arrives only where the exporter writes at once
   * (to a file or the console); else it is counted as lost.
   */
  readonly exporter?: SpanExporter | undefined;
  /**
   * Called when the process ends while something is undelivered: the last chance to hand over spans.
   * `certain`: nothing can be handed over later; else the application listens to the signal and may live on.
   */
  readonly beforeEnd?: (certain: boolean) => void;
  /** When what failed is tried again. */
  readonly retries?: RetrySchedule;
}

/**
 * A span processor that holds what ended until the exporter has taken it: at least once, and what is lost all
 * the same is counted by reason.
 *
 * What fails is tried again, without end, until the bounds of the queue push it out. Nothing is sent in the
 * calls of the application, nor in their async context, and nothing keeps the process alive; but what is
 * undelivered when it ends is delivered then (see {@link ProcessEnd}).
 */
export class SpanDelivery implements SpanProcessor {
  readonly #options: DeliveryOptions;
  readonly #target: ExportTarget;
  readonly #queue: SpanQueue;
  readonly #ledger: Ledger;
  readonly #retries: RetrySchedule;
  readonly #sender: Sender;
  readonly #lastDelivery: LastDelivery;
  readonly #flushes = new Flushes();
  readonly #beforeEnd: (certain: boolean) => void;
  readonly #processEnd = new ProcessEnd((certain) => this.#deliverNow(certain));
  readonly #outside = new AsyncResource('ChatDebugDelivery');
  #stopped: Promise<void> | undefined;

  constructor({ exporter, beforeEnd, retries, ...given }: SpanDeliveryOptions = {}) {
    const target = exporter === undefined ? otlpTarget(process.env) : foreignTarget(exporter);
    const options = {
      ...DEFAULT_DELIVERY_OPTIONS,
      exportTimeoutMillis: target.defaultTimeoutMillis,
      ...given,
    };
    this.#options = options;
    this.#target = target;
    this.#queue = new SpanQueue(options.maxQueueSpans, options.maxQueueBytes);
    this.#ledger = new Ledger(this.#queue);
    this.#retries = retries ?? new RetrySchedule();
    const parts = { queue: this.#queue, ledger: this.#ledger, options };
    this.#sender = new Sender({
      ...parts,
      target,
      retries: this.#retries,
      hurried: () => this.#flushes.some,
      sent: () => this.#proceed(),
    });
    this.#lastDelivery = new LastDelivery({ ...parts, synchronous: target.synchronous });
    this.#beforeEnd = beforeEnd ?? (() => {});
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    guarded('a span could not be queued', undefined, () => this.#add(span));
  }

  /**
   * Delivers at once what has ended so far, in flight or not, and waits for it: `timeoutMillis` at most
   * (default: `exportTimeoutMillis`). Never rejects: what is undelivered then is still held.
   */
  forceFlush({ timeoutMillis = this.#options.exportTimeoutMillis } = {}): Promise<void> {
    return this.#stopped ?? this.#outside.runInAsyncScope(() => this.#flush(timeoutMillis));
  }

  /** Delivers everything, in `shutdownTimeoutMillis` at most, and takes no more spans. Never rejects. */
  shutdown(): Promise<void> {
    this.#stopped ??= this.#outside.runInAsyncScope(() => this.#stop());
    return this.#stopped;
  }

  /**
   * For a listener of the `exit` event: delivers what is left without a turn of the event loop, in
   * `exitTimeoutMillis` at most. What had ended before that event is delivered then anyway.
   */
  deliverAtExit(): void {
    this.#processEnd.unwatch();
    this.#deliverNow(true);
  }

  /** What it holds and what became of the rest, at this moment. */
  stats(): DeliveryStats {
    return this.#ledger.stats();
  }

  #add(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    const bytes = approximateBytes(span);
    if (this.#stopped !== undefined) {
      this.#ledger.loseUnheld(1, 'after_shutdown');
      return;
    }
    if (bytes > this.#options.maxQueueBytes) {
      this.#ledger.loseUnheld(1, 'too_large');
      return;
    }
    this.#ledger.loseUnheld(this.#queue.add(span, bytes, monotonicMillis()), 'queue_full');
    this.#processEnd.watch();
    this.#sender.schedule();
  }

  async #flush(timeoutMillis: number): Promise<void> {
    const deadline = monotonicMillis() + timeoutMillis;
    if (!(await this.#drain(timeoutMillis, false))) warn('a flush ended before everything was delivered');
    await this.#ask('forceFlush', deadline);
  }

  async #stop(): Promise<void> {
    const { shutdownTimeoutMillis } = this.#options;
    const deadline = monotonicMillis() + shutdownTimeoutMillis;
    await this.#drain(shutdownTimeoutMillis, true);
    this.#ledger.lose(this.#queue.unsettled(), 'shutdown_timeout');
    this.#sender.stop();
    this.#proceed();
    await this.#ask('shutdown', deadline);
  }

  #drain(timeoutMillis: number, last: boolean): Promise<boolean> {
    this.#retries.hurry(last);
    const drained = this.#flushes.wait(this.#queue.lastNumber, timeoutMillis);
    this.#proceed();
    return drained;
  }

  async #ask(what: 'forceFlush' | 'shutdown', deadline: number): Promise<void> {
    const { exporter } = this.#target;
    try {
      const work = () => context.with(UNTRACED, async () => exporter[what]?.());
      await waitAtMost(Math.max(0, deadline - monotonicMillis()), work);
    } catch (error) {
      warn(`the exporter's ${what} failed`, error);
    }
  }

  /** Something may be settled that was not. */
  #proceed(): void {
    this.#queue.sweep();
    this.#flushes.check((number) => this.#queue.isSettledUpTo(number));
    if (this.#queue.size > 0) {
      this.#sender.schedule();
    } else {
      this.#processEnd.unwatch();
      this.#lastDelivery.reset();
    }
  }

  /** @param certain the process has no later moment */
  #deliverNow(certain: boolean): void {
    guarded('what had ended could not be handed over', undefined, () => this.#beforeEnd(certain));
    guarded('spans could not be delivered at the end of the process', undefined, () => {
      // One that is not ours would send now what it is asked to send again when the event loop turns.
      if (certain || this.#target.sends !== undefined) this.#lastDelivery.deliver();
      if (certain) this.#ledger.lose(this.#queue.unsettled(), 'process_end');
      this.#proceed();
    });
  }
}
