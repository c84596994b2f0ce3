import { warn } from '../self-diagnostics.js';

/** Why a span was lost, and how it is told. */
const TOLD = {
  /** Newer spans needed the room. */
  queue_full: 'spans were lost: the delivery queue is full',
  /** The endpoint answered with a status that no later try changes: 401, 403, 404, 500, or 400 for this very span. */
  refused: 'spans were lost: the endpoint refuses them',
  /** The endpoint answered 413 for this span alone, or the span is larger than the whole queue may be. */
  too_large: 'spans were lost: too large',
  /** The exporter threw when it was given this span alone: an invalid time, for one. */
  not_serialisable: 'spans were lost: the exporter could not read them',
  /** The endpoint accepted the request but not all of its spans (OTLP's partial success). */
  rejected: 'spans were lost: the endpoint rejected some of a batch that it accepted',
  /** They were still undelivered when the time of `shutdown()` was over. */
  shutdown_timeout: 'spans were lost: shutdown() ran out of time',
  /** They ended after `shutdown()`. */
  after_shutdown: 'spans were lost: they ended after shutdown()',
  /** They were still undelivered when the process ended: no answer in time, or no way to send them then. */
  process_end: 'spans were lost: the process ended before they could be delivered',
} as const;

/** Why a span was lost: `queue_full`, `refused`, …; docs/delivery.md explains each. */
export type LossReason = keyof typeof TOLD;

/** What became of the spans that were given to the delivery; counts since start-up but for the first two. */
export interface DeliveryStats {
  /** Spans that wait. */
  readonly queued: number;
  /** Spans in the request that is under way. */
  readonly inFlight: number;
  /** Spans that the endpoint took. */
  readonly exported: number;
  /** Reasons without a loss are left out. */
  readonly lost: Readonly<Partial<Record<LossReason, number>>>;
}

/** Counts what is lost, and tells of it at most once a minute for each reason. */
export class Losses {
  readonly #counts: Partial<Record<LossReason, number>> = {};

  /** @param detail what the endpoint or the exporter said, without anything that was sent */
  add(reason: LossReason, spans: number, detail = ''): void {
    if (spans === 0) return;
    const all = (this.#counts[reason] ?? 0) + spans;
    this.#counts[reason] = all;
    warn(TOLD[reason], `${all} so far${detail && `; ${detail}`}`);
  }

  /** Reasons without a loss are left out. */
  counts(): Readonly<Partial<Record<LossReason, number>>> {
    return Object.freeze({ ...this.#counts });
  }
}
