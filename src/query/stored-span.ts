import type { Fields } from './fields.js';

/** A span as a backend gives it back, whatever its format. Times are milliseconds since 1970. */
export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly startedAt: number;
  readonly durationMillis: number;
  readonly attributes: Fields;
  readonly events: readonly StoredEvent[];
}

export interface StoredEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes: Fields;
}
