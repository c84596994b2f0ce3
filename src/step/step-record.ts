import { Attempt, type AttemptListener, type RequestTarget } from '../attempt/attempt.js';
import type { ByteBudget } from '../attempt/body/capture.js';
import type { Capture, RunOptions, StepOptions, TokenUsage } from '../types.js';
import {
  AttemptList,
  isRetriable,
  outcomeOfAttempt,
  retryPauseMillis,
  retryTimeoutMillis,
} from './attempt-list.js';
import { COMPLETED, INTERRUPTED, Recorded } from './outcome.js';
import type { WireFacts } from './wire-facts.js';

/** The part of a run that its steps use. */
export interface StepOwner {
  readonly options: RunOptions;
  readonly limits: StepLimits;
  readonly budget: ByteBudget;
  /** Whether a failed call may still be retried. */
  readonly mayRetry: boolean;
  now(): number;
  /** Names the owner in debug lines. */
  toString(): string;
  /** Called for each activity in the step. `at` is in monotonic milliseconds. */
  active(at: number): void;
  attemptDropped(step: StepRecord, attempt: Attempt): void;
  /** Called once for each silence of a response that exceeds `stallMillis`. */
  streamStalled(): void;
  /** Called when the step waits for a retry of its call, or will wait once the unread response ends. */
  stepWaits(step: StepRecord): void;
  /** Called when the step has waited for a second and holds bodies of failed requests. */
  stepWaitsLong(step: StepRecord): void;
  attemptFailed(step: StepRecord): void;
  stepClosed(step: StepRecord): void;
}

export interface StepLimits {
  readonly maxAttempts: number;
  readonly maxBodyBytes: number;
  /** Maximum bytes held of each body for the content of a failing call; 0 if it is not written. */
  readonly failureContentBytes: number;
  /** Silence of a provider after which an abort is an error, in milliseconds; 0 disables it. */
  readonly stallMillis: number;
  /** Length of a tick, the unit in which timeouts are counted. */
  readonly tickMillis: number;
  readonly readsUsage?: (() => boolean) | undefined;
  readonly timesChunks?: (() => boolean) | undefined;
}

/**
 * What is still pending when the function of a step has returned.
 * - `nothing`: its result is the outcome.
 * - `stream`: it returned a stream; the step ends with the exchange that feeds the stream.
 * - `call`: it returned a thenable of an SDK, which may never be awaited, or a request opened the step; the step ends
 *   with the last attempt, or when the thenable settles.
 * - `retry`: it failed, and its caller may retry; the step waits for that.
 */
export type PendingWork = 'nothing' | 'stream' | 'call' | 'retry';

/** The options of a step. Chat and owner may be those of the step alone. */
export interface StepStart extends StepOptions {
  readonly chatId?: string | undefined;
  readonly ownerId?: string | undefined;
}

const loadReading = () => require('./wire-facts.js') as typeof import('./wire-facts.js');

/** Most retries come sooner, so that the request need not be read. */
const SHORT_WAIT_MILLIS = 1_000;

/** Shared by all steps without token counts. */
export const NO_TOKENS: TokenUsage = Object.freeze({});

/** One model call with all its retries, as a record in memory with its state machine. */
export class StepRecord extends Recorded implements AttemptListener {
  startedAt: number;
  readonly attempts: AttemptList;
  /** The capture of the run when the step began; `full` once the content of a failing call is written. */
  capture: Capture;
  /** The parsed request and response, in full capture, once the step is settled. */
  wire: WireFacts | undefined;
  /** Replaces reading from the wire, if the caller knows the request and response. */
  readFacts: (() => WireFacts | undefined) | undefined;
  /** Time of the first part of a stream that is observed above the wire, in monotonic milliseconds. */
  firstPartAt: number | undefined;
  recovery: 'possible' | undefined;
  /** The longest pause of its client between two attempts, if known. */
  maxPauseMillis: number | undefined;
  #tokens: TokenUsage = NO_TOKENS;
  #holders = 0;
  #pending: PendingWork = 'nothing';
  /** Thenables that functions of the step returned and that have not settled. */
  #unsettledCalls = 0;
  #lastActiveAt: number;
  /** Remaining ticks in which a retry may begin. */
  #retryTicks: number | undefined;

  constructor(
    private readonly owner: StepOwner,
    readonly number: number,
    capture: Capture,
    readonly options: StepStart,
  ) {
    super();
    this.capture = capture;
    this.startedAt = owner.now();
    this.#lastActiveAt = this.startedAt;
    this.attempts = new AttemptList(owner.limits.maxAttempts);
  }

  /** The provider set by the application, else that of the wire format. */
  get provider(): string | undefined {
    return this.options.provider ?? this.attempts.last?.call?.provider ?? this.owner.options.provider;
  }

  get model(): string | undefined {
    const { last } = this.attempts;
    const onWire = this.wire?.request?.model ?? last?.model ?? last?.call?.model;
    return this.options.model ?? onWire ?? this.owner.options.model;
  }

  /** Counts set by the application take precedence over those of responses. */
  get tokens(): TokenUsage {
    const usage = this.wire?.response?.usage;
    return usage === undefined ? this.#tokens : { ...usage, ...this.#tokens };
  }

  /** Whether a retry of its call may follow: the last attempt has failed. Its body may remain unread. */
  get awaitsRetry(): boolean {
    const { last } = this.attempts;
    return this.#retryTicks !== undefined || (last !== undefined && this.#isUnreadFailure(last));
  }

  get streams(): boolean {
    const { last } = this.attempts;
    return last !== undefined && last.endedAt === undefined && last.statusCode !== undefined;
  }

  override toString(): string {
    return `${this.owner}, step ${this.number}`;
  }

  /** Ignores values that are not counts. */
  setUsage(usage: TokenUsage): void {
    if (this.closed) return;
    const counts = Object.entries(usage).filter(([, count]) => Number.isSafeInteger(count) && count >= 0);
    this.#tokens = Object.fromEntries(counts);
  }

  /** Keeps the step open until `release` is called. */
  hold(): void {
    this.#holders += 1;
    this.#retryTicks = undefined;
  }

  release(pending: PendingWork = 'nothing'): void {
    this.#holders -= 1;
    if (pending !== 'nothing' || this.#pending === 'retry') this.#pending = pending;
    this.#closeWhenDone();
  }

  /** Releases the step after a function that returned a thenable, which may never be awaited. */
  leaveCall(): void {
    this.#unsettledCalls += 1;
    this.release('call');
  }

  /** Call when such a thenable has settled: no retry follows. */
  callSettled(pending: PendingWork): void {
    this.#unsettledCalls -= 1;
    if (this.#unsettledCalls === 0) this.#pending = pending;
    this.#closeWhenDone();
  }

  /** Call if no function runs in the step: it ends with the last attempt of its call. */
  endWithCall(): void {
    this.#pending = 'call';
  }

  /** Call when the function has returned. It is a success unless all attempts failed. */
  succeed(): void {
    const { kept } = this.attempts;
    this.attempts.judge();
    if (kept.length === 0 || kept.some(({ status }) => status === 'completed')) this.finish(COMPLETED);
  }

  /** Determines the outcome shortly after the end, when the end of the last exchange is known. */
  settle(): void {
    this.attempts.settle(this.endedAt ?? this.startedAt);
    const { last } = this.attempts;
    // The abort of a stalled response is an error.
    const isUndecided = this.status === 'in_progress' || (this.status === 'interrupted' && last?.isStalled);
    if (isUndecided) this.take(outcomeOfAttempt(last, this.provider));
    if (this.capture === 'full') this.wire = this.readFacts?.() ?? loadReading().readWire(this.attempts.kept);
  }

  /** Converts a settled failure to full capture, as far as its content is held. */
  showContent(): void {
    if (this.capture === 'full') return;
    this.capture = 'full';
    this.wire = loadReading().readFailedCall(this.attempts.kept);
  }

  begin(request: RequestTarget): Attempt | undefined {
    if (this.closed) return undefined;
    const { owner, capture } = this;
    const attempt = new Attempt(request, owner.now(), capture, owner.limits, owner);
    this.adopt(attempt);
    return attempt;
  }

  /** Adds an attempt that has begun. Must not be called after the end. */
  adopt(attempt: Attempt): void {
    const { last } = this.attempts;
    if (last !== undefined && this.#isUnreadFailure(last)) this.attempts.endLast(attempt.startedAt);
    this.#retryTicks = undefined;
    if (this.capture !== 'full') attempt.limitToErrors();
    this.startedAt = Math.min(this.startedAt, attempt.startedAt);
    const dropped = this.attempts.add(attempt);
    if (dropped !== undefined) this.owner.attemptDropped(this, dropped);
    this.active(attempt.startedAt);
  }

  active(at: number): void {
    this.#lastActiveAt = at;
    this.owner.active(at);
  }

  errorStatus(attempt: Attempt): void {
    this.owner.attemptFailed(this);
    if (this.#isUnreadFailure(attempt) && this.owner.mayRetry) this.owner.stepWaits(this);
  }

  ended(attempt: Attempt): void {
    this.active(attempt.endedAt ?? this.owner.now());
    if (attempt.status === 'failed') this.owner.attemptFailed(this);
    this.#closeWhenDone();
  }

  /** Releases its data, since an async context may keep the step alive long after its end. */
  discard(): void {
    this.attempts.clear();
    this.wire = undefined;
    this.readFacts = undefined;
    this.forgetError();
  }

  /**
   * Ends the step and all its open work. Without a result it is interrupted, or failed if its function only waits to
   * retry.
   */
  expire(): void {
    if (this.closed) return;
    const { last } = this.attempts;
    const hasFailed = last?.status === 'failed' && last.endedAt !== undefined;
    if (this.#holders > 0 && this.status === 'in_progress' && !hasFailed) this.finish(INTERRUPTED);
    this.#close(this.#lastActiveAt);
  }

  /** Ends the step if it waits for a retry. */
  endIfWaiting(): void {
    if (this.#retryTicks !== undefined) this.#close(this.#lastActiveAt);
  }

  /** Called at each tick of the live runs: ends the step if no retry has come in time. */
  tick(): void {
    const { last } = this.attempts;
    if (last?.countSilence(this.owner.now(), this.owner.limits.tickMillis)) this.owner.streamStalled();
    if (this.#retryTicks === undefined) return;
    this.#retryTicks -= 1;
    if (this.#retryTicks <= 0) this.endIfWaiting();
    else if (this.owner.now() - this.#lastActiveAt >= SHORT_WAIT_MILLIS && this.attempts.holdsRequestBodies)
      this.owner.stepWaitsLong(this);
  }

  #isUnreadFailure(attempt: Attempt): boolean {
    const isCall = this.#pending === 'call' && this.#holders === 0;
    return isCall && attempt.endedAt === undefined && isRetriable(attempt);
  }

  #closeWhenDone(): void {
    if (this.closed || this.#holders > 0) return;
    if (this.#pending === 'nothing') this.#close(this.owner.now());
    else if (!this.attempts.anyOpen) this.#closeAfter(this.attempts.last);
  }

  #closeAfter(last: Attempt | undefined): void {
    if (this.#pending === 'call' && last === undefined) return;
    const millis = this.owner.mayRetry ? this.#retryTimeoutMillis(last) : undefined;
    if (millis === undefined) this.#close(this.#lastActiveAt);
    else {
      this.#retryTicks = Math.ceil(millis / this.owner.limits.tickMillis);
      this.owner.stepWaits(this);
    }
  }

  #retryTimeoutMillis(last: Attempt | undefined): number | undefined {
    if (this.#pending !== 'retry' && this.#pending !== 'call') return undefined;
    const wait = retryPauseMillis(this.attempts.consecutiveFailures, this.maxPauseMillis);
    return retryTimeoutMillis(last, wait) ?? (this.#pending === 'retry' ? wait : undefined);
  }

  #close(at: number): void {
    // Otherwise `settle` decides, once all attempts are judged.
    if (this.attempts.allJudged && this.status === 'in_progress')
      this.finish(outcomeOfAttempt(this.attempts.last, this.provider));
    this.endedAt = at;
    this.#retryTicks = undefined;
    this.owner.stepClosed(this);
  }
}
