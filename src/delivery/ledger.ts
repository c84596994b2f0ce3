import { BATCH_BYTES } from './batch.js';
import { Bisection } from './bisection.js';
import type { ExportOutcome } from './export-outcome.js';
import { type DeliveryStats, Losses, type LossReason } from './losses.js';
import type { HeldSpan, SpanQueue } from './queue.js';

/** Settles spans of the queue by what came of their export, each of them once, and counts them. */
export class Ledger {
  readonly #losses = new Losses();
  readonly #bisection = new Bisection();
  #exported = 0;
  #batchBytes = BATCH_BYTES;

  constructor(private readonly queue: SpanQueue) {}

  /** What one request may hold, as far as the endpoint has let it be known. */
  get batchBytes(): number {
    return this.#batchBytes;
  }

  stats(): DeliveryStats {
    const { waiting, inFlight } = this.queue;
    return Object.freeze({
      queued: waiting,
      inFlight,
      exported: this.#exported,
      lost: this.#losses.counts(),
    });
  }

  /** What of the batch is to be sent now, in smaller ones; `undefined` where all of it is to be tried again later. */
  conclude(spans: readonly HeldSpan[], outcome: ExportOutcome): HeldSpan[][] | undefined {
    switch (outcome.kind) {
      case 'retry':
        return undefined;
      case 'accepted':
        this.#bisection.accepted();
        this.#accepted(spans, outcome.rejected);
        return [];
      case 'refused':
        this.lose(spans, 'refused', outcome.detail);
        return [];
      case 'split': {
        if (outcome.reason === 'too_large' && spans.length > 1) this.#sendLess(spans);
        const halves = this.#bisection.halves(spans, outcome);
        if (halves === undefined) this.lose(spans, outcome.reason, outcome.detail);
        return halves ?? [];
      }
    }
  }

  lose(spans: readonly HeldSpan[], reason: LossReason, detail?: string): void {
    this.#losses.add(reason, this.queue.settle(spans), detail);
  }

  /** Spans that the queue does not hold. */
  loseUnheld(spans: number, reason: LossReason): void {
    this.#losses.add(reason, spans);
  }

  #accepted(spans: readonly HeldSpan[], rejected: number): void {
    const settled = this.queue.settle(spans);
    const lost = Math.min(rejected, settled);
    this.#losses.add('rejected', lost);
    this.#exported += settled - lost;
  }

  #sendLess(spans: readonly HeldSpan[]): void {
    const bytes = spans.reduce((sum, held) => sum + held.bytes, 0);
    this.#batchBytes = Math.min(this.#batchBytes, Math.ceil(bytes / 2));
  }
}
