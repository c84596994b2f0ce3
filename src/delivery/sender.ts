import { AsyncResource } from 'node:async_hooks';
import { monotonicMillis, timers } from '../clock.js';
import { debug, explains, warn } from '../self-diagnostics.js';
import type { DeliveryOptions } from './options.js';
import { BATCH_BYTES, type HeldSpan, type Ledger, type SpanQueue } from './queue.js';
import {
  type DeliveryObserver,
  describeOutcome,
  type ExportOutcome,
  type Sending,
  type Transport,
} from './transport.js';

export interface SenderParts {
  readonly queue: SpanQueue;
  readonly settlement: Settlement;
  readonly transport: Transport;
  readonly retries: RetrySchedule;
  readonly options: DeliveryOptions;
  /** A flush is waiting: send without waiting for a full batch. */
  readonly hurried: () => boolean;
  readonly observer?: DeliveryObserver | undefined;
  /** Called after each batch, whatever its outcome. */
  readonly sent: () => void;
}

/**
 * Sends queued spans, one batch at a time: when a batch is full or its oldest span has waited for
 * `scheduledDelayMillis`, and after a failure not before the backoff has passed. Runs outside the application's
 * contexts, with timers that do not keep the process alive.
 */
export class Sender {
  readonly #outside = new AsyncResource('ChatDebugDelivery');
  #sending: Sending | undefined;
  #isSending = false;
  #timer: { readonly due: number; readonly timeout: NodeJS.Timeout } | undefined;

  constructor(private readonly parts: SenderParts) {}

  /** Call when a span is added or a batch may be due earlier. */
  schedule(): void {
    const { queue, retries } = this.parts;
    if (this.#isSending || queue.waiting === 0) return;
    const due = Math.max(retries.notBefore, this.#due());
    if (this.#timer !== undefined && this.#timer.due <= due) return;
    this.#clearTimer();
    const delay = Math.max(0, due - monotonicMillis());
    const timeout = this.#outside.runInAsyncScope(() =>
      timers.setTimeout(() => void this.#send(), delay).unref(),
    );
    this.#timer = { due, timeout };
  }

  /** Aborts the export in flight and sends nothing more. */
  stop(): void {
    this.#clearTimer();
    this.#sending?.abort();
  }

  #due(): number {
    const { queue, options, hurried } = this.parts;
    if (hurried() || queue.waiting >= options.batchSpans) return 0;
    return (queue.waitingSince ?? 0) + options.batchMillis;
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    this.#isSending = true;
    try {
      await this.#sendBatch();
    } catch (error) {
      this.#postpone(undefined, error);
    }
    this.#sending = undefined;
    this.#isSending = false;
    this.parts.queue.putBack();
    this.parts.sent();
  }

  async #sendBatch(): Promise<void> {
    const { queue, settlement, options, transport, retries, observer } = this.parts;
    const pieces = [queue.take({ spans: options.batchSpans, bytes: settlement.batchBytes })];
    let refused = false;
    for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
      const unsettled = piece.filter(({ settled }) => !settled);
      if (unsettled.length === 0) continue;
      const spans = unsettled.map(({ span }) => span);
      settlement.submit(unsettled);
      const startedAt = monotonicMillis();
      this.#sending = transport.send(spans, options.exportTimeoutMillis);
      const outcome = await this.#sending.outcome;
      observer?.exported(spans.length, outcome, monotonicMillis() - startedAt);
      if (explains()) debug(`${spans.length} spans were sent: ${describeOutcome(outcome)}`);
      if (outcome.kind === 'retry') return this.#postpone(outcome.afterMillis, outcome.detail);
      if (outcome.kind === 'accepted') retries.succeeded();
      const next = settlement.settle(unsettled, outcome) ?? [];
      refused = next.length === 0 ? isRefusal(outcome) : refused;
      pieces.push(...next.reverse());
    }
    // The endpoint will probably refuse later batches too. Keeping their spans queued avoids losing them.
    if (refused) retries.failed(undefined, monotonicMillis());
  }

  #postpone(afterMillis: number | undefined, why: unknown): void {
    this.parts.retries.failed(afterMillis, monotonicMillis());
    warn('delivery failed and will be retried', why);
  }

  #clearTimer(): void {
    timers.clearTimeout(this.#timer?.timeout);
    this.#timer = undefined;
  }
}

/** Whether the endpoint refused the spans. Spans that cannot be serialized never reach it. */
function isRefusal(outcome: ExportOutcome): boolean {
  return outcome.kind === 'refused' || (outcome.kind === 'split' && outcome.reason !== 'not_serialisable');
}

/** About twice the halvings of a batch of 512: more refusals than one invalid span causes. */
const MOST_REFUSALS_IN_A_ROW = 20;

/**
 * Settles a batch by the outcome of its export. Bisects a refused batch to find the invalid span. After too many
 * refusals in a row, drops whole batches until one is accepted again.
 */
export class Settlement {
  #refusalsInARow = 0;
  #batchBytes = BATCH_BYTES;

  constructor(private readonly ledger: Pick<Ledger, 'submit' | 'accept' | 'lose'>) {}

  /** The size limit of a request, as learned from the endpoint. */
  get batchBytes(): number {
    return this.#batchBytes;
  }

  submit(batch: readonly HeldSpan[]): void {
    this.ledger.submit(batch);
  }

  /** Returns the smaller batches to send now, or `undefined` to retry the whole batch later. */
  settle(batch: readonly HeldSpan[], outcome: ExportOutcome): HeldSpan[][] | undefined {
    switch (outcome.kind) {
      case 'retry':
        return undefined;
      case 'accepted':
        this.#refusalsInARow = 0;
        this.ledger.accept(batch, outcome.rejected);
        return [];
      case 'refused':
        this.ledger.lose(batch, 'refused', outcome.detail);
        return [];
      case 'split':
        return this.#split(batch, outcome);
    }
  }

  #split(
    batch: readonly HeldSpan[],
    { reason, detail }: Extract<ExportOutcome, { kind: 'split' }>,
  ): HeldSpan[][] {
    if (reason === 'too_large' && batch.length > 1) {
      const bytes = batch.reduce((sum, held) => sum + held.bytes, 0);
      this.#batchBytes = Math.min(this.#batchBytes, Math.ceil(bytes / 2));
    }
    // Spans that cannot be serialized are found without the endpoint.
    if (reason !== 'not_serialisable') this.#refusalsInARow++;
    if (batch.length < 2 || this.#refusalsInARow > MOST_REFUSALS_IN_A_ROW) {
      this.ledger.lose(batch, reason, detail);
      return [];
    }
    const middle = batch.length >> 1;
    return [batch.slice(0, middle), batch.slice(middle)];
  }
}

/** Delays between exports, in milliseconds. */
export interface RetryPace {
  /** The minimum delay after a failure. */
  readonly leastMillis: number;
  /** The upper bound of the first delay. Doubles with each failure in a row. */
  readonly firstMillis: number;
  readonly longestMillis: number;
  /** The longest `Retry-After` that is honored. */
  readonly longestAskedMillis: number;
}

/** The maximum delay is short, since the queue holds few spans that users wait for. */
export const RETRY_PACE: RetryPace = Object.freeze({
  leastMillis: 100,
  firstMillis: 500,
  longestMillis: 10_000,
  longestAskedMillis: 60_000,
});

/** Computes when the next request may be sent. */
export class RetrySchedule {
  #failures = 0;
  #notBefore = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #asked = false;

  /** @param random returns a number from 0 to 1 */
  constructor(
    private readonly pace: RetryPace = RETRY_PACE,
    private readonly random: () => number = Math.random,
  ) {}

  /** Monotonic milliseconds. */
  get notBefore(): number {
    return this.#notBefore;
  }

  /**
   * Uses the backoff or the endpoint's `Retry-After`, whichever is longer. Both have jitter, so that many processes
   * do not retry at once after an outage.
   *
   * @param askedMillis the endpoint's `Retry-After`
   */
  failed(askedMillis: number | undefined, now: number): void {
    this.#failures++;
    const random = this.random();
    const own = backoffMillis(this.#failures, this.pace, random);
    const asked = Math.min(askedMillis ?? 0, this.pace.longestAskedMillis);
    this.#asked = asked > own;
    this.#failedAt = now;
    this.#notBefore = now + Math.max(own, asked + random * own);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#notBefore = 0;
  }

  /**
   * Resets the backoff for a flush, except for the minimum delay.
   *
   * @param last ignore `Retry-After` too, since there is no further attempt
   */
  hurry(last: boolean): void {
    this.#failures = 0;
    if (!last && this.#asked) return;
    this.#notBefore = Math.min(this.#notBefore, this.#failedAt + this.pace.leastMillis);
  }
}

/**
 * Exponential backoff with equal jitter: from half of the bound to the bound. Full jitter has no minimum delay and so
 * no limit of requests per minute.
 *
 * @param failures in a row, this one included: at least 1
 */
export function backoffMillis(failures: number, pace: RetryPace, random: number): number {
  const bound = Math.min(pace.longestMillis, pace.firstMillis * 2 ** (failures - 1));
  return Math.max(pace.leastMillis, (bound * (1 + random)) / 2);
}
