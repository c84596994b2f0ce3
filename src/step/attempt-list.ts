import type { Attempt } from '../attempt/attempt.js';
import { judgeAttempt } from '../attempt/exchange.js';
import { classifyFailure, failureOf, retryAfterMillis } from '../attempt/failure.js';
import { headerValue } from '../attempt/request-line.js';
import { streamFraming } from '../wire/format.js';
import { COMPLETED, classifiedOutcome, INTERRUPTED, type Outcome } from './outcome.js';

/** Minimum wait for a retry, since the delays of clients are configurable. */
const MIN_WAIT_MILLIS = 15_000;

/** The longest first pause of a known client. Clients double it with each retry: LangChain pauses for up to 64 s. */
const FIRST_PAUSE_MILLIS = 2_000;

/** Tolerance: timers fire late on a busy machine. */
const LATE_MILLIS = 1_500;

/** A `Retry-After` may ask for days, and doubled pauses grow without limit. */
const MAX_PAUSE_MILLIS = 300_000;

/** Client errors that SDKs retry: timeout, conflict, too early, rate limit. */
const RETRIABLE = new Set([408, 409, 425, 429]);

/**
 * Returns how long to wait for a retry of an attempt, in milliseconds; `undefined` if no retry is expected. A retry is
 * expected without a response (an SDK's own timeout looks like any abort), after a retriable status, and after a
 * broken connection if the response is not a stream.
 *
 * @param pause how long the client may pause without a Retry-After, in milliseconds
 */
export function retryTimeoutMillis(attempt: Attempt | undefined, pause: number): number | undefined {
  if (attempt === undefined || attempt.status === 'completed') return undefined;
  const { statusCode } = attempt;
  if (statusCode === undefined) return pause;
  if (attempt.status !== 'failed' || !(isRetriable(attempt) || isCutBeforeDelivery(attempt)))
    return undefined;
  return pause + Math.min(retryAfterMillis(attempt) ?? 0, MAX_PAUSE_MILLIS);
}

/**
 * Returns the maximum pause of a client before a retry, in milliseconds, including a tolerance.
 *
 * @param failures attempts that have failed since the last success
 * @param maxPause the longest pause of the client, in milliseconds. Default: 5 minutes.
 */
export function retryPauseMillis(failures: number, maxPause = MAX_PAUSE_MILLIS): number {
  const pause = Math.min(FIRST_PAUSE_MILLIS * 2 ** (failures - 1), maxPause);
  return Math.max(MIN_WAIT_MILLIS, pause + LATE_MILLIS);
}

/** Whether the connection broke before any part of a non-streaming response reached the application. */
function isCutBeforeDelivery({ ending, statusCode = 0, responseHeaders, hasErrorInBody }: Attempt): boolean {
  const isStream = streamFraming(headerValue(responseHeaders, 'content-type')) !== undefined;
  return ending === 'broken' && statusCode < 300 && !isStream && !hasErrorInBody;
}

/** Whether the status is one that clients retry, with or without reading the body. */
export function isRetriable({ statusCode = 0 }: Attempt): boolean {
  return statusCode >= 500 || RETRIABLE.has(statusCode);
}

/** Returns the outcome of a step without one of its own: that of its last attempt, or a success if it has none. */
export function outcomeOfAttempt(attempt: Attempt | undefined, provider: string | undefined): Outcome {
  if (attempt === undefined || attempt.status === 'completed') return COMPLETED;
  if (attempt.status === 'failed')
    return classifiedOutcome({
      error: failureOf(attempt),
      classification: classifyFailure(attempt, provider),
    });
  return INTERRUPTED;
}

const NONE: readonly Attempt[] = [];

/**
 * The attempts of one step, up to `maxAttempts`. Beyond it, those in the middle are dropped: the first shows the cause,
 * the last the outcome.
 */
export class AttemptList {
  /** Nearly always one: `concat` allocates no spare capacity, unlike `push`. */
  #kept: readonly Attempt[] = NONE;
  #began = 0;

  constructor(private readonly max: number) {}

  get kept(): readonly Attempt[] {
    return this.#kept;
  }

  get began(): number {
    return this.#began;
  }

  get last(): Attempt | undefined {
    return this.#kept.at(-1);
  }

  get consecutiveFailures(): number {
    const completed = this.#kept.findLast(({ status }) => status === 'completed');
    return this.#began - (completed?.number ?? 0);
  }

  /** Whether the status of each is final. */
  get allJudged(): boolean {
    return this.#kept.every((attempt) => attempt.isJudged);
  }

  /** Whether request bodies are held of which only the shape is written: in errors capture without `failureContent`. */
  get holdsRequestBodies(): boolean {
    return this.#kept.some(({ heldRequest, content }) => heldRequest?.isHeld && content === undefined);
  }

  get anyOpen(): boolean {
    return this.#kept.some((attempt) => attempt.endedAt === undefined);
  }

  add(attempt: Attempt): Attempt | undefined {
    this.#began += 1;
    attempt.number = this.#began;
    const kept = this.#kept.concat([attempt]);
    this.#kept = kept;
    if (kept.length <= this.max) return undefined;
    const [dropped] = kept.splice(Math.floor(this.max / 2), 1);
    if (dropped !== undefined) {
      judgeAttempt(dropped);
      dropped.release();
    }
    return dropped;
  }

  judge(): void {
    for (const attempt of this.#kept) judgeAttempt(attempt);
  }

  /**
   * Sets the final status of all attempts. An attempt without an end was aborted.
   *
   * @param at monotonic milliseconds
   */
  settle(at: number): void {
    for (const attempt of this.#kept) {
      if (attempt.endedAt === undefined) abortAt(attempt, at);
      judgeAttempt(attempt);
      if (attempt.status === 'failed') continue;
      attempt.heldRequest?.release();
      attempt.dropContent();
    }
  }

  dropContent(): void {
    for (const attempt of this.#kept) attempt.dropContent();
  }

  /** Ends the last attempt even if its body has no end: its call is retried. */
  endLast(at: number): void {
    if (this.last !== undefined) abortAt(this.last, at);
  }

  /** Releases everything, since an async context may keep the step alive long after its end. */
  clear(): void {
    for (const attempt of this.#kept) attempt.release();
    this.#kept = NONE;
  }
}

function abortAt(attempt: Attempt, at: number): void {
  attempt.ending = 'aborted';
  attempt.endedAt = Math.max(at, attempt.startedAt);
  judgeAttempt(attempt);
}
