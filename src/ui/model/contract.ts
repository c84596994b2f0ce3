/**
 * JSON responses of the Debug tab server. Times are milliseconds since the epoch, durations are milliseconds. Values
 * come from traces, so all strings are untrusted.
 */

export type Status = 'in_progress' | 'completed' | 'error' | 'interrupted';

export interface Card {
  readonly id: string;
  readonly traceId?: string;
  readonly chatId?: string;
  readonly ownerId?: string;
  readonly kind: string;
  readonly status: Status;
  readonly capture: 'errors' | 'full';
  readonly firstMessage?: string;
  readonly provider?: string;
  readonly model?: string;
  readonly stepCount?: number;
  readonly usage?: Usage;
  readonly error?: CardError;
  readonly startedAt: number;
  readonly durationMillis?: number;
  /** The page of the trace in a tracing backend. */
  readonly url?: string;
  /** Present while the run is in progress in the server's process. */
  readonly live?: Live;
}

export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly reasoningTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheCreationTokens?: number;
}

export interface CardError {
  readonly kind: string;
  readonly message?: string;
  readonly detail?: string;
  readonly type?: string;
  readonly retryable?: boolean;
  readonly providerStatus?: number;
  readonly requestId?: string;
}

export interface Live {
  readonly step?: number;
  readonly since: number;
  readonly bytes: number;
  /** Time since the last byte of the response. */
  readonly silentMillis: number;
}

export type AttributeValue = string | number | boolean | readonly (string | number | boolean)[];

export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startedAt: number;
  readonly durationMillis: number;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  /** False for a span of another instrumentation in the same trace. */
  readonly isOwn: boolean;
}

export interface SpanEvent {
  readonly name: string;
  readonly at: number;
  readonly attributes: Attributes;
}

/** `GET state` */
export interface TabState {
  readonly isShown: boolean;
  readonly capture?: 'errors' | 'full' | 'off';
  readonly canSetCapture: boolean;
  readonly hasKeptRuns: boolean;
  /** Set if runs can be deleted with `DELETE runs`. */
  readonly canDelete?: boolean;
  /** Whether the list starts with failed runs. */
  readonly failedFirst?: boolean;
}

/** `GET runs/ID` */
export interface StoredRun {
  readonly run: Card;
  readonly spans: readonly Span[];
}
