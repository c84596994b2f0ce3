import { context } from '@opentelemetry/api';
import type { Attempt, AttemptListener, RequestTarget } from '../attempt/attempt.js';
import type { ByteBudget } from '../attempt/body/capture.js';
import type { Caller } from '../attempt/callers.js';
import { judgeAttempt } from '../attempt/exchange.js';
import { type CallTarget, HeldExchange, type HeldExchangeOptions } from '../attempt/held-exchange.js';
import type { StepRecord } from '../step/step-record.js';
import type { RunOptions } from '../types.js';
import type { CallContext } from './call-context.js';
import type { LiveRuns } from './live-runs.js';
import type { OpenCall } from './open-work.js';
import type { Identity } from './retry-evidence.js';
import { RunRecord } from './run-record.js';
import { pendingProof } from './undecided-attempt.js';

/** What a healthy call needs at its end, or once it becomes a step. */
interface HealthyCallOwner {
  /** Opens the step of the call, in its run or in a new one; `undefined` if that is not possible. */
  promote(call: HealthyCall): AttemptListener | undefined;
  /** Counts a completed call; returns false if its step may have to be written. */
  tryComplete(call: HealthyCall): boolean;
  /** Judges the exchange outside of the application's call, then calls `judged`; or returns false. */
  judgeLater(call: HealthyCall): boolean;
}

/**
 * A model call in errors capture whose only exchange has not failed. It has no step, and outside of every run no run:
 * it gets them when its exchange fails or is aborted, or when the steps of its run are needed. Most calls never do.
 */
export class HealthyCall extends HeldExchange implements OpenCall {
  #listener: AttemptListener | undefined;
  #isOver = false;

  constructor(
    held: HeldExchangeOptions,
    readonly caller: Caller<CallContext>,
    /** The run it was made in; outside of every run, its caller. */
    readonly place: RunRecord | Identity,
    readonly number: number,
    private readonly owner: HealthyCallOwner,
  ) {
    super(held);
  }

  active(at: number): void {
    this.#listener?.active(at);
  }

  errorStatus(attempt: Attempt): void {
    this.becomeStep()?.errorStatus?.(attempt);
  }

  ended(attempt: Attempt): void {
    if (this.#isOver) this.#listener?.ended(attempt);
    else if (attempt.isJudged || attempt.ending !== 'clean' || !this.owner.judgeLater(this)) this.judged();
  }

  judged(): void {
    if (this.#isOver || (isHealthy(this.attempt) && this.succeeded())) return;
    this.becomeStep()?.ended(this.attempt);
  }

  becomeStep(): AttemptListener | undefined {
    if (this.#isOver) return this.#listener;
    this.#isOver = true;
    this.#listener = this.owner.promote(this);
    return this.#listener;
  }

  protected override succeeded(): boolean {
    this.#isOver = this.owner.tryComplete(this);
    return this.#isOver;
  }
}

/** It succeeded, and the provider does not continue it in the background. */
function isHealthy({ status, ending, isJudged, response }: Attempt): boolean {
  return status === 'completed' && ending === 'clean' && isJudged && response?.isPending !== true;
}

/** Begins calls without a step, counts those that succeed and promotes the others. */
export class HealthyCalls implements HealthyCallOwner {
  constructor(
    private readonly runs: LiveRuns,
    private readonly promoted: (step: StepRecord, healthy: HealthyCall) => AttemptListener,
  ) {}

  accepts(request: RequestTarget, options: RunOptions): request is CallTarget {
    const { call } = request;
    if (call === undefined) return false;
    // A poll belongs to the step of the call that it polls.
    const isCertain = call.responseId === undefined && !pendingProof(call, request);
    return isCertain && this.runs.countsHealthyCalls(options);
  }

  begin(
    request: CallTarget,
    caller: Caller<CallContext>,
    place: RunRecord | Identity,
    budget: ByteBudget,
  ): HealthyCall {
    const { runs } = this;
    const { limits, now } = runs;
    const held: HeldExchangeOptions = { request, limits, budget, now };
    const isInRun = place instanceof RunRecord;
    const call = new HealthyCall(held, caller, place, isInRun ? place.reserveNumber() : 0, this);
    if (isInRun) place.callBegan(call);
    else runs.callBegan(call);
    return call;
  }

  tryComplete(call: HealthyCall): boolean {
    const { runs } = this;
    const { place, number } = call;
    const isInRun = place instanceof RunRecord;
    if (isInRun && !runs.finalizer.isEmpty) return false;
    runs.callCompleted(call, place);
    if (isInRun) place.callCompleted(call, number);
    return true;
  }

  judgeLater(call: HealthyCall): boolean {
    // The run ends with its last call and does not wait for the verdict.
    if (call.place instanceof RunRecord) return false;
    this.runs.finalizer.later(() => {
      judgeAttempt(call.attempt);
      call.judged();
    });
    return true;
  }

  promote(healthy: HealthyCall): AttemptListener | undefined {
    const { attempt, place, number } = healthy;
    const step =
      place instanceof RunRecord ? place.openStepOf(healthy, number) : this.#openRunAndStep(healthy, place);
    if (step === undefined) return undefined;
    step.endWithCall();
    step.adopt(attempt);
    if (attempt.lastByteAt !== undefined) step.active(attempt.lastByteAt);
    return this.promoted(step, healthy);
  }

  #openRunAndStep(healthy: HealthyCall, { active, options }: Identity): StepRecord | undefined {
    const { request, caller } = healthy;
    const origin = caller.isKnown ? 'request' : 'unknown caller';
    const run = context.with(active, () => this.runs.openRunOf(healthy, options, origin));
    const step = run.openStep({ operation: request.call.operation });
    run.release();
    return step;
  }
}
