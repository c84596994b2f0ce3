import type { Capture, RunKind, Status, StepOperation, TokenUsage } from '../types.js';
import type { StoredSpan } from './stored-span.js';

/** Queries the runs that a backend has stored. */
export interface KeptRuns {
  /**
   * Whether any run of this chat was kept. Sends one request. A new run is found after a delay: 10 to 15 seconds in
   * Tempo.
   *
   * @throws KeptRunsError if the backend returns no usable response
   */
  has(chatId: string): Promise<boolean>;
  /**
   * Returns the kept runs of this chat, newest first.
   *
   * @throws KeptRunsError if the backend returns no usable response
   * @throws RangeError for an invalid `limit` or `since`
   */
  list(chatId: string, options?: ListOptions): Promise<RunSummary[]>;
  /**
   * Returns a run with its steps, attempts and child runs, or `undefined` if no run with this id is stored.
   *
   * @throws KeptRunsError if the backend returns no usable response
   */
  get(runId: string): Promise<StoredRun | undefined>;
  /**
   * Returns the same with all spans of the trace, for pages that show more than a {@link StoredRun} has.
   *
   * @throws KeptRunsError if the backend returns no usable response
   */
  trace(runId: string): Promise<RunTrace | undefined>;
}

/** A run and all spans of its trace. */
export interface RunTrace {
  readonly run: StoredRun;
  /** Ordered by start. Includes spans of other instrumentations and of other runs. */
  readonly spans: readonly StoredSpan[];
}

/** Options of `list`. */
export interface ListOptions {
  /** The maximum number of runs, from 1 to 1,000. Default: 20. */
  readonly limit?: number | undefined;
  /** The earliest start. Default: `lookbackMillis` ago. */
  readonly since?: Date | undefined;
}

/** Options of both backends. */
export interface QueryOptions {
  /** The base URL of the query API: `http://jaeger:16686`, `http://tempo:3200`. */
  readonly endpoint: string;
  /** Sent with each request, such as `authorization` or Tempo's `x-scope-orgid`. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The timeout of a request, including its response, in milliseconds. Default: 5,000. */
  readonly timeoutMillis?: number | undefined;
  /** How far back to search, in milliseconds. Default: 7 days, Tempo's default limit. */
  readonly lookbackMillis?: number | undefined;
  /**
   * Returns the URL of a page that shows a trace. Default: Jaeger's page; none for Tempo, whose page is in Grafana.
   */
  readonly traceUrl?: ((traceId: string) => string) | undefined;
}

/**
 * The data of a run's span, or of its steps if the run has not ended. Its status is then `in_progress`, or
 * `interrupted` if its last step ended more than ten minutes ago, since its process has probably died.
 */
export interface RunSummary {
  readonly id: string;
  readonly traceId: string;
  readonly chatId: string | undefined;
  /** `user.id`. */
  readonly ownerId: string | undefined;
  readonly kind: RunKind;
  readonly status: Status;
  readonly capture: Capture;
  readonly firstMessage: string | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** The error of the run, or the error for which it was kept. */
  readonly error: StoredError | undefined;
  readonly stepCount: number | undefined;
  readonly usage: TokenUsage;
  readonly startedAt: Date;
  readonly durationMillis: number | undefined;
  /** The page that shows the trace. */
  readonly url: string | undefined;
}

/** A stored run. */
export interface StoredRun extends RunSummary {
  /** The kept steps, by number. */
  readonly steps: readonly StoredStep[];
  /** The child runs, by start. */
  readonly children: readonly StoredRun[];
}

/** A stored model call. */
export interface StoredStep {
  readonly number: number;
  readonly operation: StepOperation | undefined;
  readonly status: Status;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly error: StoredError | undefined;
  readonly attemptCount: number | undefined;
  readonly usage: TokenUsage;
  readonly startedAt: Date;
  readonly durationMillis: number;
  /** In the order in which the requests began. */
  readonly attempts: readonly StoredAttempt[];
}

/** A stored HTTP exchange. Members of full capture are `undefined` in errors capture. */
export interface StoredAttempt {
  readonly number: number | undefined;
  readonly status: Status | 'failed' | undefined;
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly statusCode: number | undefined;
  readonly errorType: string | undefined;
  readonly errorMessage: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMillis: number | undefined;
  readonly requestBody: string | undefined;
  readonly responseBody: string | undefined;
  readonly startedAt: Date;
  readonly durationMillis: number | undefined;
}

/** A stored error of a run or step. */
export interface StoredError {
  /** `generic`, `rate_limit`, …: see docs/error-kinds.md. */
  readonly kind: string;
  /** One sentence for people. */
  readonly message: string | undefined;
  /** The provider's message. */
  readonly detail: string | undefined;
  /** The provider's error code or type, else the status code, else the name of the exception. */
  readonly type: string | undefined;
  /** Whether a retry may succeed. */
  readonly retryable: boolean | undefined;
  /** The HTTP status code. */
  readonly providerStatus: number | undefined;
  /** The request id of the provider. */
  readonly requestId: string | undefined;
}
