import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { epochMillis } from '../clock.js';
import { parseRetryAfter } from '../retry-after.js';
import type { ExportResult } from './options.js';
import type { QueueObserver } from './queue.js';
import type { LossReason } from './stats.js';

/** Exports spans. Does not retry or count: {@link Sender} does. Methods never throw. */
export interface Transport {
  readonly defaultTimeoutMillis: number;
  /** For metrics. */
  readonly exporter: ExporterComponent;
  /** Whether a blocking export waits for the endpoint, so that undelivered spans can be sent again. */
  readonly awaitsBlocking: boolean;
  /**
   * Exports spans once.
   *
   * @param timeoutMillis when to abort the export
   */
  send(spans: ReadableSpan[], timeoutMillis: number): Sending;
  /**
   * Exports synchronously, at the end of the process.
   *
   * @returns the outcome of each batch, in order. A batch without a response in time is retryable.
   */
  sendBlocking(batches: readonly ReadableSpan[][], timeoutMillis: number): ExportOutcome[];
  /** Releases the resources of blocking exports. */
  endBlocking(): void;
  /** May reject. */
  forceFlush(): Promise<void>;
  /** May reject. */
  shutdown(): Promise<void>;
}

/** Describes an exporter for the SDK metrics conventions. */
export interface ExporterComponent {
  /** `otlp_http_json_span_exporter`, …, or the class name of the application's exporter. */
  readonly type: string;
  readonly address?: string;
  readonly port?: number;
}

/** Receives results for metrics. Must not throw. */
export interface DeliveryObserver extends QueueObserver {
  exported(spans: number, outcome: ExportOutcome, millis: number): void;
}

export interface Sending {
  /** Never rejects. */
  readonly outcome: Promise<ExportOutcome>;
  /** Aborts the export, so that it does not keep the process alive. */
  abort(): void;
}

export type ExportOutcome =
  /** @property rejected how many spans the endpoint rejected */
  | { readonly kind: 'accepted'; readonly rejected: number }
  /** @property afterMillis the endpoint's `Retry-After` */
  | ({ readonly kind: 'retry'; readonly afterMillis: number | undefined } & ExportFailure)
  /** Some of its spans, or their number, are the problem. `reason` applies to a batch of one. */
  | ({ readonly kind: 'split'; readonly reason: LossReason } & ExportFailure)
  | ({ readonly kind: 'refused' } & ExportFailure);

export interface ExportFailure {
  /** For the log, without sent data. */
  readonly detail: string;
  /** The HTTP status code, the gRPC status name or an error code. */
  readonly errorType: string;
  /** The HTTP status code. */
  readonly status?: number;
}

/** For the log. */
export function describeOutcome(outcome: ExportOutcome): string {
  switch (outcome.kind) {
    case 'accepted':
      return outcome.rejected === 0 ? 'accepted' : `accepted, ${outcome.rejected} rejected`;
    case 'retry':
      return `${outcome.detail}, will be retried`;
    case 'split':
      return `${outcome.detail}, will be split`;
    case 'refused':
      return `${outcome.detail}, will not be retried`;
  }
}

/** The endpoint's response, if any. */
export interface Answer {
  readonly status: number;
  readonly retryAfter?: string | undefined;
  readonly rejected?: number;
}

/** Retryable status codes of OTLP/HTTP, and 408, which HTTP defines as retryable. */
const RETRYABLE = new Set([408, 429, 502, 503, 504]);

/**
 * OTLP/HTTP, "Failures": all other 4xx and 5xx must not be retried. One span may cause a 400 and the number of spans
 * a 413, so the batch is bisected first.
 */
export function outcomeOfAnswer({ status, retryAfter, rejected = 0 }: Answer): ExportOutcome {
  const failure = { detail: `HTTP ${status}`, errorType: String(status), status };
  if (status >= 200 && status < 300) return { kind: 'accepted', rejected };
  if (RETRYABLE.has(status)) {
    return { kind: 'retry', afterMillis: parseRetryAfter(retryAfter, epochMillis), ...failure };
  }
  if (status === 413) return { kind: 'split', reason: 'too_large', ...failure };
  if (status === 400) return { kind: 'split', reason: 'refused', ...failure };
  return { kind: 'refused', ...failure };
}

/** gRPC status codes that a retry does not change. */
const REFUSED_BY_GRPC = new Set([5, 7, 12, 16]);
const INVALID_ARGUMENT = 3;
/** Indexed by code. */
const GRPC_CODES =
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'.split(
    ' ',
  );

export function outcomeOfGrpcCode(code: number): ExportOutcome {
  const failure = { detail: `gRPC ${code}`, errorType: GRPC_CODES[code] ?? String(code) };
  if (code === INVALID_ARGUMENT) return { kind: 'split', reason: 'refused', ...failure };
  if (REFUSED_BY_GRPC.has(code)) return { kind: 'refused', ...failure };
  return { kind: 'retry', afterMillis: undefined, ...failure };
}

/**
 * Converts an exporter's result into an outcome. The status of an `OTLPExporterError` is final. A status that was
 * only seen on the wire gives the time of the retry but loses nothing, since the application's exporter may have
 * requested a token from another server.
 */
export function outcomeOfResult(result: ExportResult, seen: Answer | undefined): ExportOutcome {
  if (result.code === 0) return { kind: 'accepted', rejected: seen?.rejected ?? 0 };
  const code = errorCode(result.error);
  if (typeof code === 'number') {
    return code < 100 ? outcomeOfGrpcCode(code) : outcomeOfAnswer({ ...seen, status: code });
  }
  if (seen !== undefined && RETRYABLE.has(seen.status)) return outcomeOfAnswer(seen);
  if (typeof code === 'string')
    return { kind: 'retry', afterMillis: undefined, detail: code, errorType: code };
  return { kind: 'retry', afterMillis: undefined, detail: 'export failed', errorType: OTHER };
}

export function outcomeOfTimeout(seen: Answer | undefined): ExportOutcome {
  return seen === undefined ? NO_ANSWER : outcomeOfAnswer(seen);
}

export const NO_ANSWER: ExportOutcome = Object.freeze({
  kind: 'retry',
  afterMillis: undefined,
  detail: 'no answer in time',
  errorType: 'timeout',
});

/** The outcome of an export that threw: a span is invalid. */
export function outcomeOfThrow(error: unknown): ExportOutcome {
  const isError = error instanceof Error;
  return {
    kind: 'split',
    reason: 'not_serialisable',
    detail: isError ? error.name : 'exporter failed',
    errorType: isError ? error.name : OTHER,
  };
}

/** The `error.type` fallback of the conventions. */
const OTHER = '_OTHER';

function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
