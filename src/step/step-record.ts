import { Attempt, type AttemptLog, type RequestTarget } from '../attempt/attempt.js';
import type { ByteBudget } from '../attempt/body/byte-budget.js';
import type { Capture, StepOperation, TokenUsage } from '../types.js';
import { AttemptList } from './attempt-list.js';
import { outcomeOfAttempt } from './attempt-outcome.js';
import { COMPLETED, INTERRUPTED } from './outcome.js';
import { Recorded } from './recorded.js';

/** What a step needs of the run it belongs to. */
export interface StepOwner {
  readonly limits: StepLimits;
  readonly budget: ByteBudget;
  now(): number;
  /** Something happened in the step, at this monotonic time. */
  active(at: number): void;
  /** The step has its outcome; it is written soon after. */
  stepClosed(step: StepRecord): void;
}

export interface StepLimits {
  readonly maxAttempts: number;
  readonly maxBodyBytes: number;
  /** How many ticks a failed call waits for another try. */
  readonly retryTicks: number;
}

/**
 * What the function of a step left under way when it returned.
 * - `nothing`: its result is the outcome.
 * - `stream`: it gave back a stream; the step ends with the exchange that feeds it.
 * - `call`: it gave back a thenable of an SDK's own, which is not touched; the step ends with the last try.
 */
export type Left = 'nothing' | 'stream' | 'call';

/** One logical model call with all its tries, as a record in memory until it is written. */
export class StepRecord extends Recorded implements AttemptLog {
  readonly startedAt: number;
  readonly attempts: AttemptList;
  tokens: TokenUsage = {};
  #holders = 0;
  #left: Left = 'nothing';
  #lastActiveAt: number;
  /** Ticks left in which another try of a failed call may still begin. */
  #retryTicks: number | undefined;

  constructor(
    private readonly owner: StepOwner,
    readonly number: number,
    readonly details: {
      /** As it was when the step began. */
      readonly capture: Capture;
      readonly operation: StepOperation | undefined;
      readonly provider: string | undefined;
      readonly model: string | undefined;
      readonly historyTipMessageId: string | undefined;
    },
  ) {
    super();
    this.startedAt = owner.now();
    this.#lastActiveAt = this.startedAt;
    this.attempts = new AttemptList(owner.limits.maxAttempts);
  }

  get capture(): Capture {
    return this.details.capture;
  }

  /** The answer of the last exchange is still coming in. */
  get streams(): boolean {
    const { last } = this.attempts;
    return last !== undefined && last.endedAt === undefined && last.statusCode !== undefined;
  }

  /** Takes what is a count, and leaves out what is not. */
  setUsage(usage: TokenUsage): void {
    if (this.closed) return;
    const counts = Object.entries(usage).filter(([, count]) => Number.isSafeInteger(count) && count >= 0);
    this.tokens = Object.fromEntries(counts);
  }

  /** A function runs in this step: it stays open until each `hold` has its `release`. */
  hold(): void {
    this.#holders += 1;
  }

  release(left: Left = 'nothing'): void {
    this.#holders -= 1;
    if (left !== 'nothing') this.#left = left;
    this.#closeWhenDone();
  }

  /** The function gave back a result: a success, unless there were exchanges and none of them succeeded. */
  succeed(): void {
    const { kept } = this.attempts;
    if (kept.length === 0 || kept.some(({ status }) => status === 'completed')) this.finish(COMPLETED);
  }

  /** Fixes what is still open a moment after the end; until then the end of an exchange may have come in. */
  settle(): void {
    this.attempts.settle(this.endedAt ?? this.startedAt);
    if (this.status === 'in_progress') this.take(outcomeOfAttempt(this.attempts.last, this.details.provider));
  }

  begin(request: RequestTarget): Attempt | undefined {
    if (this.closed) return undefined;
    this.#retryTicks = undefined;
    const startedAt = this.owner.now();
    this.active(startedAt);
    // In errors mode a healthy exchange's bodies are counted only.
    const bodyLimit = this.capture === 'full' ? this.owner.limits.maxBodyBytes : 0;
    const number = this.attempts.began + 1;
    const attempt = new Attempt(number, request, startedAt, this.capture, bodyLimit, this.owner.budget);
    this.attempts.add(attempt);
    return attempt;
  }

  active(at: number): void {
    this.#lastActiveAt = at;
    this.owner.active(at);
  }

  ended(attempt: Attempt): void {
    this.active(attempt.endedAt ?? this.owner.now());
    this.#closeWhenDone();
  }

  /** Ends the step whatever is still open in it; without a result by now, it was broken off. */
  expire(): void {
    if (this.closed) return;
    const underWay = this.#holders > 0 || this.attempts.anyOpen;
    if (underWay && this.status === 'in_progress') this.finish(INTERRUPTED);
    this.#close(this.#lastActiveAt);
  }

  /** Ends the step if all it still does is wait for another try of a failed call. */
  endIfWaiting(): void {
    if (this.#retryTicks !== undefined) this.#close(this.#lastActiveAt);
  }

  /** Called at each tick of the live runs: a failed try that nobody repeats was the last one. */
  tick(): void {
    if (this.#retryTicks === undefined) return;
    this.#retryTicks -= 1;
    if (this.#retryTicks <= 0) this.endIfWaiting();
  }

  #closeWhenDone(): void {
    if (this.closed || this.#holders > 0) return;
    if (this.#left === 'nothing') this.#close(this.owner.now());
    else if (!this.attempts.anyOpen) this.#closeAfter(this.attempts.last);
  }

  #closeAfter(last: Attempt | undefined): void {
    if (this.#left === 'call' && last === undefined) return;
    if (this.#left === 'call' && last?.status === 'failed') this.#retryTicks = this.owner.limits.retryTicks;
    else this.#close(this.#lastActiveAt);
  }

  #close(at: number): void {
    if (this.status === 'in_progress')
      this.finish(outcomeOfAttempt(this.attempts.last, this.details.provider));
    this.endedAt = at;
    this.#retryTicks = undefined;
    this.owner.stepClosed(this);
  }
}
