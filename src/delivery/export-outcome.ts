import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { epochMillis } from '../clock.js';
import type { LossReason } from './losses.js';
import { retryAfterMillis } from './retry.js';

/** What came of one export. `detail` is for the log and holds nothing that was sent. */
export type ExportOutcome =
  /** @property rejected how many of its spans the endpoint did not keep */
  | { readonly kind: 'accepted'; readonly rejected: number }
  /** @property afterMillis what the endpoint asked for */
  | { readonly kind: 'retry'; readonly afterMillis: number | undefined; readonly detail: string }
  /** Some of its spans, or their number, are at fault; `reason` is that of the one which is left. */
  | { readonly kind: 'split'; readonly reason: LossReason; readonly detail: string }
  /** @property status of the answer over HTTP */
  | { readonly kind: 'refused'; readonly detail: string; readonly status?: number };

/** For the log. */
export function wordsOf(outcome: ExportOutcome): string {
  switch (outcome.kind) {
    case 'accepted':
      return outcome.rejected === 0 ? 'accepted' : `accepted, but for ${outcome.rejected}`;
    case 'retry':
      return `${outcome.detail}, to be tried again`;
    case 'split':
      return `${outcome.detail}, for some of them or their number`;
    case 'refused':
      return `${outcome.detail}, refused for good`;
  }
}

/** What is known of the endpoint's answer, where there was one. */
export interface Answer {
  readonly status: number;
  readonly retryAfter?: string | undefined;
  readonly rejected?: number;
}

/** Those that OTLP/HTTP calls retryable, and 408, which HTTP does. */
const RETRYABLE = new Set([408, 429, 502, 503, 504]);

/**
 * OTLP/HTTP, "Failures": all other 4xx and 5xx must not be tried again. A 400 may be the fault of one span
 * and a 413 that of the number of them, so those are narrowed down first.
 */
export function outcomeOfAnswer({ status, retryAfter, rejected = 0 }: Answer): ExportOutcome {
  const detail = `HTTP ${status}`;
  if (status >= 200 && status < 300) return { kind: 'accepted', rejected };
  if (RETRYABLE.has(status)) {
    return { kind: 'retry', afterMillis: retryAfterMillis(retryAfter, epochMillis()), detail };
  }
  if (status === 413) return { kind: 'split', reason: 'too_large', detail };
  if (status === 400) return { kind: 'split', reason: 'refused', detail };
  return { kind: 'refused', detail, status };
}

/** gRPC's codes that no later try changes: NOT_FOUND, PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED. */
const REFUSED_BY_GRPC = new Set([5, 7, 12, 16]);
const INVALID_ARGUMENT = 3;

/**
 * What an exporter's result means. The status of an `OTLPExporterError` is believed; one that was only seen
 * on the wire says when to try again, not that all is lost: an exporter of the application's own may have
 * asked somebody else, for a token.
 */
export function outcomeOfResult(result: ExportResult, seen: Answer | undefined): ExportOutcome {
  if (result.code === ExportResultCode.SUCCESS) return { kind: 'accepted', rejected: seen?.rejected ?? 0 };
  const code = errorCode(result.error);
  if (typeof code === 'number') {
    return code < 100 ? outcomeOfGrpcCode(code) : outcomeOfAnswer({ ...seen, status: code });
  }
  if (seen !== undefined && RETRYABLE.has(seen.status)) return outcomeOfAnswer(seen);
  const detail = typeof code === 'string' ? code : 'the export failed';
  return { kind: 'retry', afterMillis: undefined, detail };
}

export function outcomeOfGrpcCode(code: number): ExportOutcome {
  const detail = `gRPC ${code}`;
  if (code === INVALID_ARGUMENT) return { kind: 'split', reason: 'refused', detail };
  if (REFUSED_BY_GRPC.has(code)) return { kind: 'refused', detail };
  return { kind: 'retry', afterMillis: undefined, detail };
}

/** An export that did not end in time; the head of an answer that drips will do. */
export function outcomeOfTimeout(seen: Answer | undefined): ExportOutcome {
  return seen === undefined
    ? { kind: 'retry', afterMillis: undefined, detail: 'no answer in time' }
    : outcomeOfAnswer(seen);
}

/** An exporter that throws was given a span that it can't read. */
export function outcomeOfThrow(error: unknown): ExportOutcome {
  const detail = error instanceof Error ? error.name : 'the exporter threw';
  return { kind: 'split', reason: 'not_serialisable', detail };
}

function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
