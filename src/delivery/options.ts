import type { HrTime, Link, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';

/** Limits of the delivery. Times in milliseconds, sizes in bytes. */
export interface DeliveryOptions {
  /**
   * Maximum number of queued spans, including those in flight. Beyond it, the oldest waiting span is dropped. Default:
   * 10,000.
   */
  readonly maxQueueSpans: number;
  /** Maximum estimated size of queued spans. Default: 64 MiB. */
  readonly maxQueueBytes: number;
  /** Maximum number of spans in one request. Default: 512. */
  readonly batchSpans: number;
  /**
   * How long a span waits for others. Default: 200. This is short, so that a process that is killed a second after a
   * step has failed has delivered that step.
   */
  readonly batchMillis: number;
  /**
   * The timeout of one export in milliseconds, after which it is retried. Default: the value of
   * `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT` or `OTEL_EXPORTER_OTLP_TIMEOUT`, else 10,000; 30,000 for an exporter of the
   * application, which may retry within one export.
   */
  readonly exportTimeoutMillis: number;
  /** Maximum time that the end of the process is delayed to deliver spans. Default: 2,000. */
  readonly exitTimeoutMillis: number;
  /** Maximum duration of `shutdown()`. Default: 5,000. */
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

export const DEFAULT_SPOOL_BOUNDS = Object.freeze({
  maxBytes: 64 * 1024 * 1024,
  maxAgeMillis: 24 * 60 * 60 * 1_000,
});

/** Default for an exporter of the application. */
export const FOREIGN_EXPORT_TIMEOUT_MILLIS = 30_000;

/** The members of `ReadableSpan` that the OpenTelemetry SDK 2.x and 3.x share. */
export interface ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly spanContext: () => SpanContext;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly ended: boolean;
  readonly status: SpanStatus;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly Pick<Link, 'context'>[];
  readonly events: readonly {
    readonly time: HrTime;
    readonly name: string;
    readonly attributes?: Readonly<Record<string, unknown>>;
  }[];
  readonly resource: { readonly attributes: Readonly<Record<string, unknown>> };
  readonly instrumentationScope: { readonly name: string; readonly version?: string };
}

/** `ExportResult`: `code` is 0 for success and 1 for failure. */
export interface ExportResult {
  code: number;
  error?: Error;
}

/** `SpanExporter` of the OpenTelemetry SDK 2.x and 3.x, declared here so that the types need no SDK. */
export interface SpanExporter {
  export(spans: ReadableSpan[], resultCallback: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}
