import type { HrTime, Link, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';

/** `ReadableSpan` of OpenTelemetry's SDK, as far as its 2.x and 3.x have it in common. */
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

/** What became of an export: `code` is 0 for success, and 1 for a failure. */
export interface ExportResult {
  code: number;
  error?: Error;
}

/** `SpanExporter` of OpenTelemetry's SDK, 2.x or 3.x: declared here, so that no SDK is needed to compile. */
export interface SpanExporter {
  export(spans: ReadableSpan[], resultCallback: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}
