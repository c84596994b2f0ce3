import { AsyncResource } from 'node:async_hooks';
import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { monotonicMillis, timers } from '../clock.js';
import { guarded, warn } from '../self-diagnostics.js';
import { ExporterTransport } from './exporter-transport.js';
import { LastDelivery } from './last-delivery.js';
import { DEFAULT_DELIVERY_OPTIONS, type DeliveryOptions, type SpanExporter } from './options.js';
import { readOtlpEndpoint } from './otlp-endpoint.js';
import { OtlpTransport } from './otlp-transport.js';
import { ProcessEnd } from './process-end.js';
import { approximateBytes, Ledger, SpanQueue } from './queue.js';
import { RetrySchedule, Sender, Settlement } from './sender.js';
import type { Spool, SpoolEntry, SpoolOptions } from './spool.js';
import type { DeliveryStats } from './stats.js';
import type { DeliveryObserver, ExporterComponent, Transport } from './transport.js';

export interface SpanDeliveryOptions extends Partial<DeliveryOptions> {
  /**
   * Default: `OTLPTraceExporter`, configured by the `OTEL_EXPORTER_OTLP_*` variables. If the process ends without
   * `shutdown()`, any other exporter delivers the remaining spans only if it writes synchronously, to a file or the
   * console. Otherwise they count as lost.
   */
  readonly exporter?: SpanExporter | undefined;
  /**
   * Notified while spans are undelivered. At the end of the process it calls {@link SpanDelivery.deliverAtEnd} or
   * `hurry`.
   */
  readonly processEnd?: Pick<ProcessEnd, 'watch' | 'unwatch'> | undefined;
  /** Keeps spans on disk until they are delivered. Default: memory only. */
  readonly spool?: SpoolOptions | undefined;
  readonly observer?: DeliveryObserver | undefined;
  readonly retries?: RetrySchedule;
}

/**
 * A span processor that holds ended spans until they are exported: at-least-once delivery. Counts lost spans by
 * reason.
 *
 * Retries failed exports until the limits of the queue evict the spans. Never sends inside the application's calls or
 * in their async context, and does not keep the process alive. Spans that are undelivered when the process ends are
 * delivered then (see {@link ProcessEnd}).
 */
export class SpanDelivery implements SpanProcessor {
  readonly #options: DeliveryOptions;
  readonly #transport: Transport;
  readonly #queue: SpanQueue;
  readonly #spool: Spool | undefined;
  readonly #ledger: Ledger;
  readonly #retries: RetrySchedule;
  readonly #sender: Sender;
  readonly #lastDelivery: LastDelivery;
  readonly #flushes = new Flushes();
  readonly #processEnd: Pick<ProcessEnd, 'watch' | 'unwatch'>;
  readonly #outside = new AsyncResource('ChatDebugDelivery');
  #hurriedUpTo = 0;
  #stopped: Promise<void> | undefined;

  constructor({ exporter, processEnd, retries, spool, observer, ...given }: SpanDeliveryOptions = {}) {
    const transport =
      exporter === undefined
        ? new OtlpTransport(readOtlpEndpoint(process.env))
        : new ExporterTransport(exporter);
    const options = {
      ...DEFAULT_DELIVERY_OPTIONS,
      exportTimeoutMillis: transport.defaultTimeoutMillis,
      ...given,
    };
    this.#options = options;
    this.#transport = transport;
    this.#queue = new SpanQueue(options.maxQueueSpans, options.maxQueueBytes);
    this.#spool = spool && this.#createSpool(spool);
    this.#ledger = new Ledger(this.#queue, this.#spool, observer);
    this.#retries = retries ?? new RetrySchedule();
    const parts = { queue: this.#queue, settlement: new Settlement(this.#ledger), transport, options };
    this.#sender = new Sender({
      ...parts,
      observer,
      retries: this.#retries,
      hurried: () => this.#flushes.some || !this.#queue.isSettledUpTo(this.#hurriedUpTo),
      sent: () => this.#proceed(),
    });
    this.#lastDelivery = new LastDelivery(parts);
    this.#processEnd =
      processEnd ??
      new ProcessEnd({
        atEnd: (isCertain) => this.deliverAtEnd(isCertain),
        atSignal: () => this.hurry(),
      });
    if (this.#spool === undefined) return;
    this.#processEnd.watch('started');
    this.#spool.start();
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    guarded('a span could not be queued', undefined, () => this.#add(span));
  }

  /**
   * Exports all spans that have ended, and waits for the result at most `timeoutMillis` (default:
   * `exportTimeoutMillis`). Never rejects. Undelivered spans stay queued.
   */
  forceFlush({ timeoutMillis = this.#options.exportTimeoutMillis } = {}): Promise<void> {
    return this.#stopped ?? this.#outside.runInAsyncScope(() => this.#flush(timeoutMillis));
  }

  /** Exports all spans within `shutdownTimeoutMillis`, and accepts no further ones. Never rejects. */
  shutdown(): Promise<void> {
    this.#stopped ??= this.#outside.runInAsyncScope(() => this.#stop());
    return this.#stopped;
  }

  /** Sends all ended spans without waiting for a full batch. Does not keep the process alive. */
  hurry(): void {
    guarded('spans could not be sent', undefined, () => {
      this.#hurriedUpTo = this.#queue.lastNumber;
      this.#retries.hurry(false);
      this.#proceed();
    });
  }

  /**
   * Exports the remaining spans synchronously at the end of the process, within `exitTimeoutMillis`.
   *
   * @param isCertain the process ends now: undelivered spans are lost, otherwise they stay queued
   */
  deliverAtEnd(isCertain: boolean): void {
    guarded('spans could not be delivered at the end of the process', undefined, () => {
      this.#spool?.drain();
      if (isCertain || this.#transport.awaitsBlocking) this.#lastDelivery.deliver();
      if (isCertain) {
        this.#ledger.release(this.#queue.unsettled(), 'process_end');
        this.#spool?.close();
      }
      this.#proceed();
    });
  }

  get exporter(): ExporterComponent {
    return this.#transport.exporter;
  }

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
    this.#hold(span, bytes, this.#spool?.add(span, bytes));
  }

  #hold(span: ReadableSpan, bytes: number, entry: SpoolEntry | undefined): void {
    this.#ledger.evicted(this.#queue.add(span, bytes, monotonicMillis(), entry), 'queue_full');
    this.#processEnd.watch('undelivered');
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
    this.#spool?.drain();
    this.#ledger.release(this.#queue.unsettled(), 'shutdown_timeout');
    this.#spool?.close();
    this.#processEnd.unwatch('started');
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
    try {
      await waitAtMost(Math.max(0, deadline - monotonicMillis()), () => this.#transport[what]());
    } catch (error) {
      warn(`the exporter's ${what} failed`, error);
    }
  }

  #createSpool(options: SpoolOptions): Spool {
    const { Spool } = require('./spool.js') as typeof import('./spool.js');
    return new Spool(options, {
      lost: (reason, spans) => this.#ledger.loseUnheld(spans, reason),
      available: () => this.#proceed(),
    });
  }

  /** Loads spans that are only on disk if the queue has room. */
  #load(): void {
    const { maxQueueSpans, batchSpans } = this.#options;
    const room = Math.min(maxQueueSpans - this.#queue.size, batchSpans - this.#queue.waiting);
    if (this.#spool === undefined || room <= 0) return;
    for (const { span, entry } of this.#spool.load(room)) this.#hold(span, approximateBytes(span), entry);
  }

  #proceed(): void {
    this.#queue.sweep();
    this.#load();
    this.#flushes.check((number) => this.#queue.isSettledUpTo(number));
    if (this.#queue.size > 0) {
      this.#sender.schedule();
    } else {
      this.#processEnd.unwatch('undelivered');
      this.#lastDelivery.reset();
    }
  }
}

/** Flushes that wait until all spans that ended before them are settled. */
class Flushes {
  readonly #waiting = new Set<{ upTo: number; done: () => void }>();

  get some(): boolean {
    return this.#waiting.size > 0;
  }

  /**
   * Waits until the spans up to a number are settled. Resolves to `false` on timeout. Keeps the process alive, so
   * that a top-level `await` of a flush works.
   */
  wait(upTo: number, millis: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (settled: boolean): void => {
        timers.clearTimeout(timer);
        this.#waiting.delete(flush);
        resolve(settled);
      };
      const flush = { upTo, done: () => end(true) };
      const timer = timers.setTimeout(() => end(false), millis);
      this.#waiting.add(flush);
    });
  }

  check(isSettledUpTo: (number: number) => boolean): void {
    for (const { upTo, done } of this.#waiting) if (isSettledUpTo(upTo)) done();
  }
}

async function waitAtMost(millis: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<void>((resolve) => {
    timer = timers.setTimeout(resolve, millis);
  });
  try {
    await Promise.race([work(), timeIsUp]);
  } finally {
    timers.clearTimeout(timer);
  }
}
