import { AsyncResource } from 'node:async_hooks';
import { monotonicMillis, timers } from '../clock.js';
import { debug, explains, warn } from '../self-diagnostics.js';
import { type ExportCall, startExport } from './export-call.js';
import { type ExportOutcome, wordsOf } from './export-outcome.js';
import type { ExportTarget } from './export-target.js';
import type { Ledger } from './ledger.js';
import type { DeliveryOptions } from './options.js';
import type { SpanQueue } from './queue.js';
import type { RetrySchedule } from './retry.js';

export interface SenderParts {
  readonly queue: SpanQueue;
  readonly ledger: Ledger;
  readonly target: ExportTarget;
  readonly retries: RetrySchedule;
  readonly options: DeliveryOptions;
  /** Somebody waits: no batch does. */
  readonly hurried: () => boolean;
  /** Called after each batch, whatever came of it. */
  readonly sent: () => void;
}

/**
 * Sends what waits in the queue: one batch at a time, when it is full or its oldest span has waited long
 * enough, and after a failure not before its time. Outside every context of the application's, by timers
 * that keep nothing alive.
 */
export class Sender {
  readonly #outside = new AsyncResource('ChatDebugDelivery');
  #call: ExportCall | undefined;
  #sending = false;
  #timer: { readonly due: number; readonly timeout: NodeJS.Timeout } | undefined;

  constructor(private readonly parts: SenderParts) {}

  /** To be called whenever something waits that did not, or what waits may be due earlier. */
  schedule(): void {
    const { queue, retries } = this.parts;
    if (this.#sending || queue.waiting === 0) return;
    const due = Math.max(retries.notBefore, this.#due());
    if (this.#timer !== undefined && this.#timer.due <= due) return;
    this.#clearTimer();
    const delay = Math.max(0, due - monotonicMillis());
    const timeout = this.#outside.runInAsyncScope(() =>
      timers.setTimeout(() => void this.#send(), delay).unref(),
    );
    this.#timer = { due, timeout };
  }

  /** Gives up what is in flight, and what would be sent next. */
  stop(): void {
    this.#clearTimer();
    this.#call?.abort();
  }

  #due(): number {
    const { queue, options, hurried } = this.parts;
    if (hurried() || queue.waiting >= options.batchSpans) return 0;
    return (queue.waitingSince ?? 0) + options.batchMillis;
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    this.#sending = true;
    try {
      await this.#sendBatch();
    } catch (error) {
      this.#postpone(undefined, error);
    }
    this.#call = undefined;
    this.#sending = false;
    this.parts.queue.putBack();
    this.parts.sent();
  }

  async #sendBatch(): Promise<void> {
    const { queue, ledger, options, target, retries } = this.parts;
    const pieces = [queue.take({ spans: options.batchSpans, bytes: ledger.batchBytes })];
    let refused = false;
    for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
      const unsettled = piece.filter(({ settled }) => !settled);
      if (unsettled.length === 0) continue;
      const spans = unsettled.map(({ span }) => span);
      this.#call = startExport(target, spans, options.exportTimeoutMillis);
      const outcome = await this.#call.outcome;
      if (explains()) debug(`${spans.length} spans were sent: ${wordsOf(outcome)}`);
      if (outcome.kind === 'retry') return this.#postpone(outcome.afterMillis, outcome.detail);
      if (outcome.kind === 'accepted') retries.succeeded();
      const next = ledger.conclude(unsettled, outcome) ?? [];
      refused = next.length === 0 ? isRefusal(outcome) : refused;
      pieces.push(...next.reverse());
    }
    // Later batches will most likely be refused too: what would be lost waits instead, and the endpoint is spared.
    if (refused) retries.failed(undefined, monotonicMillis());
  }

  #postpone(afterMillis: number | undefined, why: unknown): void {
    this.parts.retries.failed(afterMillis, monotonicMillis());
    warn('spans could not be delivered yet and will be tried again', why);
  }

  #clearTimer(): void {
    timers.clearTimeout(this.#timer?.timeout);
    this.#timer = undefined;
  }
}

/** Whether the endpoint itself refused the spans: what can't be serialised never reached it. */
function isRefusal(outcome: ExportOutcome): boolean {
  return outcome.kind === 'refused' || (outcome.kind === 'split' && outcome.reason !== 'not_serialisable');
}
