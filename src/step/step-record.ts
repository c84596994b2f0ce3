import { Attempt, type AttemptLog, type RequestTarget } from '../attempt/attempt.js';
import type { ByteBudget } from '../attempt/body/byte-budget.js';
import type { Capture, RunOptions, StepOptions, TokenUsage } from '../types.js';
import { AttemptList } from './attempt-list.js';
import { outcomeOfAttempt } from './attempt-outcome.js';
import { COMPLETED, INTERRUPTED } from './outcome.js';
import { Recorded } from './recorded.js';
import { isTriedAgain, millisToRetry, RETRY_MILLIS } from './retry.js';
import type { WireFacts } from './wire-facts.js';

/** What a step needs of the run it belongs to. */
export interface StepOwner {
  readonly options: RunOptions;
  readonly limits: StepLimits;
  readonly budget: ByteBudget;
  /** Somebody is left who could try a failed call again. */
  readonly mayRetry: boolean;
  now(): number;
  /** Says which one it is. */
  toString(): string;
  /** Something happened in the step, at this monotonic time. */
  active(at: number): void;
  /** One of the step's attempts is not kept any more. */
  attemptLetGo(step: StepRecord, attempt: Attempt): void;
  /** The answer of this exchange is silent for longer than `stallMillis`: told once. */
  streamStalled(): void;
  /** The step waits for another try of its call, or will unless that comes first. */
  stepWaits(step: StepRecord): void;
  /** The step has its outcome; it is written soon after. */
  stepClosed(step: StepRecord): void;
}

export interface StepLimits {
  readonly maxAttempts: number;
  readonly maxBodyBytes: number;
  /** Silence of a provider after which an abort is an error; 0 for none. */
  readonly stallMillis: number;
  /** Length of a tick, the time in which time-outs are counted. */
  readonly tickMillis: number;
}

/**
 * What the function of a step left under way when it returned.
 * - `nothing`: its result is the outcome.
 * - `stream`: it gave back a stream; the step ends with the exchange that feeds it.
 * - `call`: it gave back a thenable of an SDK's own, which is not touched, or there is no function, and a
 *   recognised request opened the step; it ends with the last try.
 * - `retry`: it failed in a way that its caller may try again; the step waits for that.
 */
export type Left = 'nothing' | 'stream' | 'call' | 'retry';

/** What a step is started with; whose call it is may be told of it alone, rather than of its run. */
export interface StepStart extends StepOptions {
  readonly chatId?: string | undefined;
  readonly ownerId?: string | undefined;
}

/** What reads bodies is loaded with the first step that is read. */
const loadReading = () => require('./wire-facts.js') as typeof import('./wire-facts.js');

/** One object for all that have none. */
export const NO_TOKENS: TokenUsage = Object.freeze({});

/** One logical model call with all its tries, as a record in memory until it is written. */
export class StepRecord extends Recorded implements AttemptLog {
  startedAt: number;
  readonly attempts: AttemptList;
  /** What its requests and answers say, once it is settled; in full capture only. */
  wire: WireFacts | undefined;
  /** Reads the same from what the caller knows of the call, rather than off the wire. */
  readFacts: (() => WireFacts | undefined) | undefined;
  /** When the first part of a stream came that was watched above the wire, in monotonic milliseconds. */
  firstPartAt: number | undefined;
  /** A later call may have been another try of it. */
  recovery: 'possible' | undefined;
  #tokens: TokenUsage = NO_TOKENS;
  #holders = 0;
  #left: Left = 'nothing';
  #lastActiveAt: number;
  /** Ticks left in which another try of a failed call may still begin. */
  #retryTicks: number | undefined;

  constructor(
    private readonly owner: StepOwner,
    readonly number: number,
    /** As it was when the step began. */
    readonly capture: Capture,
    readonly options: StepStart,
  ) {
    super();
    this.startedAt = owner.now();
    this.#lastActiveAt = this.startedAt;
    this.attempts = new AttemptList(owner.limits.maxAttempts);
  }

  /** As the application says, else as the wire does. */
  get provider(): string | undefined {
    return this.options.provider ?? this.attempts.last?.call?.provider ?? this.owner.options.provider;
  }

  get model(): string | undefined {
    const { last } = this.attempts;
    const onWire = this.wire?.request?.model ?? last?.model ?? last?.call?.model;
    return this.options.model ?? onWire ?? this.owner.options.model;
  }

  /** What the application has told wins over what the answers say. */
  get tokens(): TokenUsage {
    const usage = this.wire?.response?.usage;
    return usage === undefined ? this.#tokens : { ...usage, ...this.#tokens };
  }

  /** Another try of its call may come: the last one has failed, and perhaps nobody reads what it failed with. */
  get awaitsRetry(): boolean {
    const { last } = this.attempts;
    return this.#retryTicks !== undefined || (last !== undefined && this.#isLeftUnread(last));
  }

  /** The answer of the last exchange is still coming in. */
  get streams(): boolean {
    const { last } = this.attempts;
    return last !== undefined && last.endedAt === undefined && last.statusCode !== undefined;
  }

  override toString(): string {
    return `${this.owner}, step ${this.number}`;
  }

  /** Takes what is a count, and leaves out what is not. */
  setUsage(usage: TokenUsage): void {
    if (this.closed) return;
    const counts = Object.entries(usage).filter(([, count]) => Number.isSafeInteger(count) && count >= 0);
    this.#tokens = Object.fromEntries(counts);
  }

  /** A function runs in this step: it stays open until each `hold` has its `release`. */
  hold(): void {
    this.#holders += 1;
    this.#retryTicks = undefined;
  }

  release(left: Left = 'nothing'): void {
    this.#holders -= 1;
    if (left !== 'nothing' || this.#left === 'retry') this.#left = left;
    this.#closeWhenDone();
  }

  /** A request opened the step, and no function runs in it: it ends with the last try. */
  endsWithItsCall(): void {
    this.#left = 'call';
  }

  /** The function gave back a result: a success, unless there were exchanges and none of them succeeded. */
  succeed(): void {
    const { kept } = this.attempts;
    this.attempts.judge();
    if (kept.length === 0 || kept.some(({ status }) => status === 'completed')) this.finish(COMPLETED);
  }

  /** Fixes what is still open a moment after the end; until then the end of an exchange may have come in. */
  settle(): void {
    this.attempts.settle(this.endedAt ?? this.startedAt);
    const { last } = this.attempts;
    // Who aborts a silent call does not say that it was silent.
    const isOpen = this.status === 'in_progress' || (this.status === 'interrupted' && last?.isStalled);
    if (isOpen) this.take(outcomeOfAttempt(last, this.provider));
    if (this.capture === 'full') this.wire = this.readFacts?.() ?? loadReading().readWire(this.attempts.kept);
  }

  begin(request: RequestTarget): Attempt | undefined {
    if (this.closed) return undefined;
    const { owner, capture } = this;
    const attempt = new Attempt(request, owner.now(), capture, owner.limits, owner);
    this.adopt(attempt);
    return attempt;
  }

  /** Takes an exchange that has begun; not after the end. */
  adopt(attempt: Attempt): void {
    const { last } = this.attempts;
    if (last !== undefined && this.#isLeftUnread(last)) this.attempts.endLast(attempt.startedAt);
    this.#retryTicks = undefined;
    if (this.capture !== 'full') attempt.limitToErrors();
    this.startedAt = Math.min(this.startedAt, attempt.startedAt);
    const letGo = this.attempts.add(attempt);
    if (letGo !== undefined) this.owner.attemptLetGo(this, letGo);
    this.active(attempt.startedAt);
  }

  active(at: number): void {
    this.#lastActiveAt = at;
    this.owner.active(at);
  }

  refused(attempt: Attempt): void {
    if (this.#isLeftUnread(attempt) && this.owner.mayRetry) this.owner.stepWaits(this);
  }

  ended(attempt: Attempt): void {
    this.active(attempt.endedAt ?? this.owner.now());
    this.#closeWhenDone();
  }

  /** Lets go of what it was written from, or would have been: a context may keep the step alive long after its end. */
  letGo(): void {
    this.attempts.clear();
    this.wire = undefined;
    this.readFacts = undefined;
    this.forgetError();
  }

  /** Ends the step whatever is still open in it; without a result by now, it was broken off. */
  expire(): void {
    if (this.closed) return;
    if (this.#holders > 0 && this.status === 'in_progress') this.finish(INTERRUPTED);
    this.#close(this.#lastActiveAt);
  }

  /** Ends the step if all it still does is wait for another try of a failed call. */
  endIfWaiting(): void {
    if (this.#retryTicks !== undefined) this.#close(this.#lastActiveAt);
  }

  /** Called at each tick of the live runs: a failed try that nobody repeats was the last one. */
  tick(): void {
    const { last } = this.attempts;
    if (last?.countSilence(this.owner.now(), this.owner.limits.tickMillis)) this.owner.streamStalled();
    if (this.#retryTicks === undefined) return;
    this.#retryTicks -= 1;
    if (this.#retryTicks <= 0) this.endIfWaiting();
  }

  #isLeftUnread(attempt: Attempt): boolean {
    const isCall = this.#left === 'call' && this.#holders === 0;
    return isCall && attempt.endedAt === undefined && isTriedAgain(attempt);
  }

  #closeWhenDone(): void {
    if (this.closed || this.#holders > 0) return;
    if (this.#left === 'nothing') this.#close(this.owner.now());
    else if (!this.attempts.anyOpen) this.#closeAfter(this.attempts.last);
  }

  #closeAfter(last: Attempt | undefined): void {
    if (this.#left === 'call' && last === undefined) return;
    const millis = this.owner.mayRetry ? this.#millisToRetry(last) : undefined;
    if (millis === undefined) this.#close(this.#lastActiveAt);
    else {
      this.#retryTicks = Math.ceil(millis / this.owner.limits.tickMillis);
      this.owner.stepWaits(this);
    }
  }

  #millisToRetry(last: Attempt | undefined): number | undefined {
    if (this.#left === 'retry') return millisToRetry(last) ?? RETRY_MILLIS;
    return this.#left === 'call' ? millisToRetry(last) : undefined;
  }

  #close(at: number): void {
    // Else it is known when the attempts have been judged, as the step settles.
    if (this.attempts.allJudged && this.status === 'in_progress')
      this.finish(outcomeOfAttempt(this.attempts.last, this.provider));
    this.endedAt = at;
    this.#retryTicks = undefined;
    this.owner.stepClosed(this);
  }
}
