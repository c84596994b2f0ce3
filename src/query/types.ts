import type { Capture, RunKind, Status, StepOperation, TokenUsage } from '../types.js';

/** The runs that were kept, asked of the place where they are stored (reference row E8). */
export interface KeptRuns {
  /**
   * Whether anything was kept of this chat. One request. A run that has just been kept may take a while to be
   * found: 10 to 15 seconds in Tempo.
   *
   * @throws KeptRunsError where the backend gives no answer that can be used
   */
  has(chatId: string): Promise<boolean>;
  /**
   * The kept runs of this chat, the newest first.
   *
   * @throws KeptRunsError where the backend gives no answer that can be used
   * @throws RangeError for a `limit` or a `since` that can't be used
   */
  list(chatId: string, options?: ListOptions): Promise<RunSummary[]>;
  /**
   * A run with its steps, their attempts and the runs inside it; `undefined` where none of this id was kept.
   *
   * @throws KeptRunsError where the backend gives no answer that can be used
   */
  get(runId: string): Promise<StoredRun | undefined>;
}

/** How many runs `list` gives, and how old they may be. */
export interface ListOptions {
  /** How many at most, from 1 to 1,000. Default: 20. */
  readonly limit?: number | undefined;
  /** None that started earlier. Default: the last `lookbackMillis`. */
  readonly since?: Date | undefined;
}

/** What both backends are reached with. */
export interface QueryOptions {
  /** The base URL of its query API: `http://jaeger:16686`, `http://tempo:3200`. */
  readonly endpoint: string;
  /** Sent with each request, such as `authorization` or Tempo's `x-scope-orgid`. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How long one request may take, its answer included. Default: 5,000. */
  readonly timeoutMillis?: number | undefined;
  /** How far back to look. Default: 7 days, the most that Tempo allows unless it is told otherwise. */
  readonly lookbackMillis?: number | undefined;
  /** The page that shows a trace to people. Default: Jaeger's own; for Tempo none, since that is Grafana's. */
  readonly traceUrl?: ((traceId: string) => string) | undefined;
}

/** Of a run: all that its span says. Where it never ended only steps are there, and the status is `in_progress`. */
export interface RunSummary {
  readonly id: string;
  readonly traceId: string;
  readonly chatId: string | undefined;
  readonly kind: RunKind;
  readonly status: Status;
  readonly capture: Capture;
  readonly firstMessage: string | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** Why it failed; of one that did not fail itself, why it was kept. */
  readonly error: StoredError | undefined;
  readonly stepCount: number | undefined;
  readonly usage: TokenUsage;
  readonly startedAt: Date;
  readonly durationMillis: number | undefined;
  /** Where people look at it. */
  readonly url: string | undefined;
}

/** A run as it was stored. */
export interface StoredRun extends RunSummary {
  /** Those that were kept, by number. */
  readonly steps: readonly StoredStep[];
  /** The runs inside it, by start. */
  readonly children: readonly StoredRun[];
}

/** One model call of a run, as it was stored. */
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
  /** In the order in which their requests began. */
  readonly attempts: readonly StoredAttempt[];
}

/** One HTTP exchange of a step, as it was stored; what stands in full capture only is `undefined` otherwise. */
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

/** The error of a run or a step, as it was stored. */
export interface StoredError {
  /** `generic`, `rate_limit`, …: see docs/error-kinds.md. */
  readonly kind: string;
  /** One sentence for people. */
  readonly message: string | undefined;
  /** The provider's own words. */
  readonly detail: string | undefined;
  /** The provider's error code or type, else the status, else the exception's name. */
  readonly type: string | undefined;
  /** Whether trying again may help. */
  readonly retryable: boolean | undefined;
  /** The HTTP status. */
  readonly providerStatus: number | undefined;
  /** The provider's id of the failed request. */
  readonly requestId: string | undefined;
}
