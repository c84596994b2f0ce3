import { monotonicMillis } from '../clock.js';
import { debug, explains } from '../self-diagnostics.js';
import { inBatches } from './batch.js';
import { wordsOf } from './export-outcome.js';
import type { Ledger } from './ledger.js';
import type { DeliveryOptions } from './options.js';
import type { SpanQueue } from './queue.js';
import type { SynchronousExport } from './synchronous-export.js';

export interface LastDeliveryParts {
  readonly queue: SpanQueue;
  readonly ledger: Ledger;
  readonly synchronous: SynchronousExport;
  readonly options: Pick<DeliveryOptions, 'batchSpans' | 'exitTimeoutMillis'>;
}

/** Few at a time, since all of them are in memory a second time while they are sent. */
const BATCHES_AT_A_TIME = 4;

/**
 * Delivers without a turn of the event loop, in the time that the end of the process may take; of that, a
 * signal may use some before the `exit` event comes.
 */
export class LastDelivery {
  #millisLeft: number;

  constructor(private readonly parts: LastDeliveryParts) {
    this.#millisLeft = parts.options.exitTimeoutMillis;
  }

  /** There was nothing left to deliver: it may take all of its time again. */
  reset(): void {
    this.#millisLeft = this.parts.options.exitTimeoutMillis;
  }

  /**
   * Settles what it can; the rest is as undelivered as before. Nothing is tried twice: an endpoint that does
   * not answer now is not waited for while a process wants to end.
   */
  deliver(): void {
    const { queue, ledger, synchronous, options } = this.parts;
    const deadline = monotonicMillis() + this.#millisLeft;
    const pending = inBatches(queue.unsettled(), { spans: options.batchSpans, bytes: ledger.batchBytes });
    while (pending.length > 0 && this.#millisLeft > 0) {
      const round = pending.splice(0, BATCHES_AT_A_TIME);
      const spans = round.map((batch) => batch.map(({ span }) => span));
      const outcomes = synchronous.export(spans, this.#millisLeft);
      if (explains()) {
        const words = outcomes.map(wordsOf).join(', ');
        debug(`${spans.flat().length} spans were sent as the process ends: ${words}`);
      }
      this.#millisLeft = Math.max(0, deadline - monotonicMillis());
      const next = outcomes.map((outcome, index) => ledger.conclude(round[index] ?? [], outcome));
      if (next.includes(undefined)) break;
      pending.unshift(...next.flatMap((pieces) => pieces ?? []));
    }
    synchronous.close();
  }
}
