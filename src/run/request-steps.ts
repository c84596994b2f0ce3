import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { Attempt, type BegunAttempt, type RequestTarget } from '../attempt/attempt.js';
import type { Caller } from '../attempt/callers.js';
import { explains } from '../self-diagnostics.js';
import type { StepRecord } from '../step/step-record.js';
import { BodyFingerprint } from '../wire/body-fingerprint.js';
import type { RecognisedCall } from '../wire/format.js';
import type { CallContext } from './call-context.js';
import * as debugLines from './debug-lines.js';
import type { LiveRuns } from './live-runs.js';
import { type Identity, isDue, isSameBody, isSameIdentity, retryCount } from './retry-evidence.js';
import { optionsFor, type RunFor } from './run-for.js';
import type { RunOrigin, RunRecord } from './run-record.js';
import type { Scope } from './scope.js';
import { type Joined, UndecidedTry } from './undecided-try.js';

export interface RequestStepsOptions {
  /** Telemetry is being sent from the caller's context: nothing of that is recorded. */
  readonly isSuppressed: () => boolean;
  /** Whether a call opens a step where none is active. */
  readonly opens: (call: RecognisedCall) => boolean;
  readonly runFor: RunFor | undefined;
}

/**
 * Decides the owner of a request when it is created: its run, user and capture level. Inside an explicit step it
 * belongs to that one. Any other recognised call opens a step, in the run of its caller or, outside of every run, in
 * one of its own; or it joins the step of a failed call of the same owner, on evidence that it is another try.
 */
export class RequestSteps {
  /** The step that the requests of a call belong to. */
  readonly #stepsOf = new WeakMap<Caller<CallContext>, StepRecord>();
  /** Of steps that were opened outside of every run. */
  readonly #identities = new WeakMap<StepRecord, Identity>();
  readonly #undecided = new Set<UndecidedTry>();

  constructor(
    private readonly runs: LiveRuns,
    private readonly options: RequestStepsOptions,
  ) {}

  /** A request begins; `undefined` where it is not to be recorded. */
  begin(request: RequestTarget, caller: Caller<CallContext>): BegunAttempt | undefined {
    const { isKnown, context: called } = caller;
    const { scope, active = ROOT_CONTEXT } = called ?? {};
    // An exporter may work where its caller cannot be told.
    if (!isKnown && this.options.isSuppressed()) return undefined;
    if (active === context.active()) return this.#begin(request, caller, scope);
    return context.with(active, () => this.#begin(request, caller, scope));
  }

  /** Decides what is undecided yet: nothing more will be known of it. */
  close(): void {
    for (const undecided of this.#undecided) undecided.decide();
  }

  #begin(
    request: RequestTarget,
    caller: Caller<CallContext>,
    scope: Scope | undefined,
  ): BegunAttempt | undefined {
    const { isSuppressed, opens } = this.options;
    const { call } = request;
    if (scope?.step === undefined && call === undefined) {
      if (explains() && !isSuppressed()) debugLines.requestNotKnown(request);
      return undefined;
    }
    if (isSuppressed()) return undefined;
    if (scope?.step !== undefined && !scope.step.closed) {
      return beginIn(scope.step, request, 'it was made inside the step');
    }
    if (call === undefined) return undefined;
    if (!opens(call)) return debugLines.requestNotRecorded(request, 'openSteps leaves out its format');
    const before = this.#stepsOf.get(caller);
    if (before !== undefined && isToSamePlace(before, request)) {
      return this.#beginIn(before, request, caller, 'its dispatcher tries the call again');
    }
    if (scope === undefined) return this.#beginOutside(request, caller);
    // Inside a run that is not captured nothing is.
    if (scope.run === undefined) {
      return debugLines.requestNotRecorded(request, 'it was made inside a run that is not captured');
    }
    return this.#beginInRun(request, caller, scope, scope.run, call);
  }

  #beginInRun(
    request: RequestTarget,
    caller: Caller<CallContext>,
    { shared }: Scope,
    run: RunRecord,
    { operation }: RecognisedCall,
  ): BegunAttempt | undefined {
    const open = (): StepRecord | undefined => {
      const step = shared?.step ?? run.openStep({ operation });
      if (step === undefined) return undefined;
      if (shared === undefined) step.endsWithItsCall();
      else if (shared.step === undefined) {
        shared.step = step;
        step.hold();
      }
      return step;
    };
    const failed = run.waitingSteps.filter((step) => isToSamePlace(step, request));
    if (failed.length === 0) return this.#beginOwn(request, caller, open);
    const count = retryCount(request.headers);
    return this.#beginUndecided(request, caller, run.capture, open, (attempt) => {
      const due = failed.find((step) => isNextTry(step, attempt, count));
      if (due !== undefined) return { step: due, why: 'its headers say that it is the next try' };
      const same = failed.find((step) => isTry(step, attempt) && isSameBodyAsLast(step, attempt, true));
      return same && { step: same, why: 'its body is that of the try that failed' };
    });
  }

  #beginOutside(request: RequestTarget, caller: Caller<CallContext>): BegunAttempt | undefined {
    const options = optionsFor(request, this.options.runFor);
    if (options === undefined) return debugLines.requestNotRecorded(request, 'runFor says so');
    const identity: Identity = { options, active: context.active(), headers: request.headers };
    const origin = caller.isKnown ? 'request' : 'unknown caller';
    const open = () => this.#openRunAndStep(request, identity, origin);
    // Most of the time no call waits for another try.
    if (!caller.isKnown || this.runs.waitingSteps.size === 0) return this.#beginOwn(request, caller, open);
    const failed = [...this.runs.waitingSteps].filter((step) => {
      const other = this.#identities.get(step);
      return isToSamePlace(step, request) && other !== undefined && isSameIdentity(other, identity);
    });
    if (failed.length === 0) return this.#beginOwn(request, caller, open);
    const count = retryCount(request.headers);
    return this.#beginUndecided(request, caller, this.runs.captureOf(options), open, (attempt) => {
      const next = only(failed.filter((step) => isNextTry(step, attempt, count)));
      if (next !== undefined) return { step: next, why: 'its headers say that it is the next try' };
      const same = failed.filter((step) => isTry(step, attempt) && isSameBodyAsLast(step, attempt, false));
      const due = only(same.filter((step) => isDue(step, attempt, request.headers)));
      if (due !== undefined) return { step: due, why: 'it repeats the try that failed when that is due' };
      for (const step of same) step.recovery = 'possible';
      return undefined;
    });
  }

  #beginOwn(
    request: RequestTarget,
    caller: Caller<CallContext>,
    open: () => StepRecord | undefined,
  ): BegunAttempt | undefined {
    const step = open();
    return step && this.#beginIn(step, request, caller, 'its format opens steps');
  }

  #beginIn(
    step: StepRecord,
    request: RequestTarget,
    caller: Caller<CallContext>,
    why: string,
  ): BegunAttempt | undefined {
    this.#stepsOf.set(caller, step);
    return beginIn(step, request, why, new BodyFingerprint());
  }

  #beginUndecided(
    request: RequestTarget,
    caller: Caller<CallContext>,
    capture: Attempt['capture'],
    open: () => StepRecord | undefined,
    find: (attempt: Attempt) => Joined | undefined,
  ): BegunAttempt | undefined {
    if (capture === 'off') return this.#beginOwn(request, caller, open);
    const { runs } = this;
    const budget = runs.openBudget();
    const attempt = new Attempt(request, runs.now(), capture, runs.limits.maxBodyBytes, { budget });
    const decided = (undecided: UndecidedTry, step: StepRecord | undefined) => {
      this.#undecided.delete(undecided);
      if (step !== undefined) this.#stepsOf.set(caller, step);
    };
    const undecided = new UndecidedTry(attempt, { find, open, decided });
    this.#undecided.add(undecided);
    return { attempt, log: undecided };
  }

  #openRunAndStep(request: RequestTarget, identity: Identity, origin: RunOrigin): StepRecord | undefined {
    const run = context.with(identity.active, () => this.runs.open(identity.options, undefined, origin));
    const step = run?.openStep({ operation: request.call?.operation });
    step?.endsWithItsCall();
    if (step !== undefined) this.#identities.set(step, identity);
    run?.release();
    return step;
  }
}

function beginIn(
  step: StepRecord,
  request: RequestTarget,
  why: string,
  fingerprint?: BodyFingerprint,
): BegunAttempt | undefined {
  const attempt = step.begin(request);
  if (attempt === undefined) return undefined;
  attempt.fingerprint = fingerprint;
  debugLines.requestJoined(step, attempt, why);
  return { attempt, log: step };
}

function isToSamePlace({ awaitsRetry, attempts: { last } }: StepRecord, request: RequestTarget): boolean {
  return awaitsRetry && last?.origin === request.origin && last.path === request.path;
}

/** It may be a try of the call: that still waits, and its other tries are recorded alike. */
function isTry({ awaitsRetry, capture }: StepRecord, attempt: Attempt): boolean {
  return awaitsRetry && capture === attempt.capture;
}

/** @param count the number of tries before it, where the request says so */
function isNextTry(step: StepRecord, attempt: Attempt, count: number | undefined): boolean {
  if (!count || !isTry(step, attempt) || step.attempts.began !== count) return false;
  const { last } = step.attempts;
  // A body that is known, and another one, is that of another call.
  const isKnown = (last?.fingerprint?.size ?? 0) > 0 && (attempt.fingerprint?.size ?? 0) > 0;
  return !isKnown || isSameBodyAsLast(step, attempt, true);
}

function isSameBodyAsLast({ attempts: { last } }: StepRecord, attempt: Attempt, isSameRun: boolean): boolean {
  return last !== undefined && isSameBody(last, attempt, isSameRun);
}

function only<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}
