import type { Fields } from '../query/stored-span.js';

/** A span of an OTLP request in either encoding. Times are microseconds since the epoch. */
export interface OtlpSpan {
  /** 32 lowercase hexadecimal digits. */
  readonly traceId: string;
  /** 16 lowercase hexadecimal digits. */
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** The OTLP enum: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly startMicros: number;
  readonly durationMicros: number;
  readonly attributes: Fields;
  readonly events: readonly OtlpEvent[];
  readonly links: readonly OtlpLink[];
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string;
}

export interface OtlpEvent {
  readonly name: string;
  readonly micros: number;
  readonly attributes: Fields;
}

export interface OtlpLink {
  readonly traceId: string;
  readonly spanId: string;
}

export interface OtlpBatch {
  readonly resource: Fields;
  readonly scope: { readonly name: string; readonly version: string };
  readonly spans: readonly OtlpSpan[];
}

export interface DecodedRequest {
  readonly batches: readonly OtlpBatch[];
  /** Spans without a valid trace id, span id or start time. */
  readonly rejected: number;
}

/** The body of a request cannot be decoded. The message is sent to the client. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** A decoded span before validation of ids and times. Times are nanoseconds. */
export interface UncheckedSpan
  extends Omit<OtlpSpan, 'startMicros' | 'durationMicros' | 'events' | 'parentSpanId'> {
  readonly parentSpanId: string;
  readonly startNanos: bigint;
  readonly endNanos: bigint;
  readonly events: readonly (Omit<OtlpEvent, 'micros'> & { readonly nanos: bigint })[];
}

/** Attribute values nested deeper are omitted. */
export const MAX_VALUE_DEPTH = 32;

/** Collects the valid spans of each batch and counts the rejected ones. */
export class BatchReader {
  readonly #batches: OtlpBatch[] = [];
  #rejected = 0;

  add({ spans, ...batch }: Omit<OtlpBatch, 'spans'> & { readonly spans: readonly UncheckedSpan[] }): void {
    const valid = spans.flatMap((span) => checked(span) ?? []);
    this.#rejected += spans.length - valid.length;
    if (valid.length > 0) this.#batches.push({ ...batch, spans: valid });
  }

  get request(): DecodedRequest {
    return { batches: this.#batches, rejected: this.#rejected };
  }
}

/** The year 2200. Microseconds as a number are exact until 2255. */
const LATEST_NANOS = 7_258_118_400_000_000_000n;

function checked({ startNanos, endNanos, ...span }: UncheckedSpan): OtlpSpan | undefined {
  const isValid = isId(span.traceId, 32) && isId(span.spanId, 16) && isTime(startNanos) && startNanos > 0n;
  if (!isValid) return undefined;
  const startMicros = micros(startNanos);
  return {
    ...span,
    parentSpanId: isId(span.parentSpanId, 16) ? span.parentSpanId : undefined,
    startMicros,
    durationMicros: isTime(endNanos) ? Math.max(micros(endNanos) - startMicros, 0) : 0,
    events: span.events.map(({ nanos, ...event }) => ({
      ...event,
      micros: isTime(nanos) ? micros(nanos) : startMicros,
    })),
    links: span.links.filter((link) => isId(link.traceId, 32) && isId(link.spanId, 16)),
  };
}

/** An id of zeros is invalid. */
function isId(id: string, length: number): boolean {
  return id.length === length && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id);
}

function isTime(nanos: bigint): boolean {
  return nanos <= LATEST_NANOS;
}

function micros(nanos: bigint): number {
  return Number(nanos / 1_000n);
}
