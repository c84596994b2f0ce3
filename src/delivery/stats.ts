// Separate from the queue: these types are public, and those of the queue refer to the SDK, which is optional.

/** Reasons for lost spans, with their warnings. */
export const LOSSES = {
  /** Evicted by newer spans. */
  queue_full: 'spans were lost: the delivery queue is full',
  /** The endpoint answered with a status that a retry does not change: 401, 403, 404, 500, or 400 for this span. */
  refused: 'spans were lost: the endpoint refuses them',
  /** The endpoint answered 413 for this span, or the span is larger than the queue. */
  too_large: 'spans were lost: too large',
  /** The exporter threw for this span, for example because of an invalid time. */
  not_serialisable: 'spans were lost: the exporter could not read them',
  /** The endpoint accepted the request but rejected spans (OTLP, "Partial Success"). */
  rejected: 'spans were lost: the endpoint rejected some of a batch that it accepted',
  /** Undelivered at the timeout of `shutdown()`. */
  shutdown_timeout: 'spans were lost: shutdown() ran out of time',
  /** Ended after `shutdown()`. */
  after_shutdown: 'spans were lost: they ended after shutdown()',
  /** Undelivered at the end of the process: no response in time, or no way to send. */
  process_end: 'spans were lost: the process ended before they could be delivered',
  /** Only on disk, and evicted by newer spans. */
  spool_full: 'spans were lost: spoolMaxBytes is reached',
  /** Only on disk for longer than `spoolMaxAgeMillis`. */
  spool_expired: 'spans were lost: they were older than spoolMaxAgeMillis',
  /** Only on disk, and unreadable. */
  spool_damaged: 'spans were lost: files in spoolDirectory are damaged',
} as const;

/** Why a span was lost: `queue_full`, `refused`, …; docs/delivery.md explains each. */
export type LossReason = keyof typeof LOSSES;

/** Delivery counts: spans held now, and results since start-up. */
export interface DeliveryStats {
  /** Waiting spans. */
  readonly queued: number;
  /** Spans in flight. */
  readonly inFlight: number;
  /** Spans that the endpoint has accepted. */
  readonly exported: number;
  /** Lost spans by reason. Reasons without a loss are absent. */
  readonly lost: Readonly<Partial<Record<LossReason, number>>>;
  /** Spans that are only on disk. Only with `spoolDirectory`. */
  readonly spooled?: number;
  /** Spans taken over from dead processes. Only with `spoolDirectory`. */
  readonly recovered?: number;
}
