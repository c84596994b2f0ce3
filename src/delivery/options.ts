/** How much the delivery holds and how long it takes. Times in milliseconds, sizes in bytes. */
export interface DeliveryOptions {
  /** Spans held at most, those in flight included; the oldest waiting one makes room. Default: 10,000. */
  readonly maxQueueSpans: number;
  /** The same in bytes, by an estimate of what the spans hold. Default: 64 MiB. */
  readonly maxQueueBytes: number;
  /** Spans in one request at most. Default: 512. */
  readonly batchSpans: number;
  /**
   * How long a span waits for others. Default: 200. Kept runs are few and wanted soon: a process that is
   * killed a second after a step failed has delivered that step.
   */
  readonly batchMillis: number;
  /**
   * How long one export may take before it is given up and tried again. Default: 10,000, or what
   * `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT` or `OTEL_EXPORTER_OTLP_TIMEOUT` say; 30,000 for an exporter of the
   * application's own, which may try several times within one export.
   */
  readonly exportTimeoutMillis: number;
  /** How long the end of the process may be held up to deliver what is left. Default: 2,000. */
  readonly exitTimeoutMillis: number;
  /** How long `shutdown()` takes at most. Default: 5,000. */
  readonly shutdownTimeoutMillis: number;
}

export const DEFAULT_DELIVERY_OPTIONS: DeliveryOptions = Object.freeze({
  maxQueueSpans: 10_000,
  maxQueueBytes: 64 * 1024 * 1024,
  batchSpans: 512,
  batchMillis: 200,
  exportTimeoutMillis: 10_000,
  exitTimeoutMillis: 2_000,
  shutdownTimeoutMillis: 5_000,
});

/** For an exporter that is not ours. */
export const FOREIGN_EXPORT_TIMEOUT_MILLIS = 30_000;
