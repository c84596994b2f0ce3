import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { Attempt, type AttemptLog, type BegunAttempt, type RequestTarget } from '../attempt/attempt.js';
import type { ByteBudget } from '../attempt/body/byte-budget.js';
import type { Caller } from '../attempt/callers.js';
import { judgeAttempt } from '../attempt/judge.js';
import { explains } from '../self-diagnostics.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture, RunOptions } from '../types.js';
import { BodyFingerprint } from '../wire/body-fingerprint.js';
import type { RecognisedCall } from '../wire/format.js';
import { type CallOwner, readBackgroundCall } from './background-calls.js';
import type { CallContext } from './call-context.js';
import { missingEvidence } from './call-evidence.js';
import * as debugLines from './debug-lines.js';
import { HealthyCall, type HealthyCallOwner } from './healthy-call.js';
import type { LiveRuns } from './live-runs.js';
import {
  callId,
  type Identity,
  isDue,
  isNextTry,
  isSameBodyAsLast,
  isSameCall,
  isSameIdentity,
  isTry,
  markPossibleRecovery,
  rememberCallId,
  retryCount,
} from './retry-evidence.js';
import { optionsFor, type RunFor } from './run-for.js';
import { type RunOrigin, RunRecord } from './run-record.js';
import type { Scope } from './scope.js';
import { type Joined, UndecidedTry } from './undecided-try.js';

export interface RequestStepsOptions {
  /** Telemetry is being sent from the caller's context: nothing of that is recorded. */
  readonly isSuppressed: () => boolean;
  /** Whether a call opens a step where none is active. */
  readonly opens: (call: RecognisedCall) => boolean;
  readonly runFor: RunFor | undefined;
}

/** A request that begins, and who makes it. */
interface BegunRequest {
  readonly request: RequestTarget;
  readonly caller: Caller<CallContext>;
  /** Stops its recording, if it turns out to be no model call. */
  readonly drop: () => void;
}

/** How a call opens a step of its own. */
interface Opening {
  readonly call: RecognisedCall;
  /** Whose polls may join it; `undefined` where it shares its step with others. */
  readonly owner: CallOwner | undefined;
  readonly capture: Capture;
  readonly open: () => StepRecord | undefined;
}

/**
 * Decides the owner of a request when it is created: its run, user and capture level. Inside an explicit step it
 * belongs to that one. Any other recognised call opens a step, in the run of its caller or, outside of every run, in
 * one of its own; or it joins the step of a failed call of the same owner, on evidence that it is another try.
 */
export class RequestSteps implements HealthyCallOwner {
  /** The step that the requests of a call belong to. */
  readonly #stepsOf = new WeakMap<Caller<CallContext>, StepRecord>();
  /** Of steps that were opened outside of every run. */
  readonly #identities = new WeakMap<StepRecord, Identity>();
  /** Of steps whose call may go on in the background. */
  readonly #owners = new WeakMap<StepRecord, CallOwner>();
  readonly #undecided = new Set<UndecidedTry>();

  constructor(
    private readonly runs: LiveRuns,
    private readonly options: RequestStepsOptions,
  ) {}

  /** A request begins; `undefined` where it is not to be recorded. */
  begin(request: RequestTarget, caller: Caller<CallContext>, drop: () => void): BegunAttempt | undefined {
    const { isKnown, context: called } = caller;
    const { scope, active = ROOT_CONTEXT } = called ?? {};
    // An exporter may work where its caller cannot be told.
    if (!isKnown && this.options.isSuppressed()) return undefined;
    const begun = { request, caller, drop };
    if (active === context.active()) return this.#begin(begun, scope);
    return context.with(active, () => this.#begin(begun, scope));
  }

  /** Decides what is undecided yet: nothing more will be known of it. */
  close(): void {
    for (const undecided of this.#undecided) undecided.decide();
  }

  #begin(begun: BegunRequest, scope: Scope | undefined): BegunAttempt | undefined {
    const { request, caller } = begun;
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
    if (
      before !== undefined &&
      this.#isRetriedAt(before, request) &&
      this.#isSameOwner(before, request, scope)
    ) {
      const retried = this.#beginIn(before, request, caller, 'its dispatcher tries the call again');
      return this.#watched(retried, before, { call, owner: this.#owners.get(before) });
    }
    if (scope === undefined) return this.#beginOutside(begun, call);
    // Inside a run that is not captured nothing is.
    if (scope.run === undefined) {
      return debugLines.requestNotRecorded(request, 'it was made inside a run that is not captured');
    }
    return this.#beginInRun(begun, call, scope, scope.run);
  }

  /** Outside of every run, a callback of a failed request may make a call for another user. */
  #isSameOwner(before: StepRecord, request: RequestTarget, scope: Scope | undefined): boolean {
    if (scope !== undefined) return true;
    const options = optionsFor(request, this.options.runFor);
    const identity = this.#identities.get(before);
    return (
      options !== undefined &&
      identity !== undefined &&
      isSameIdentity(identity, { options, active: context.active(), headers: request.headers })
    );
  }

  #beginInRun(
    begun: BegunRequest,
    call: RecognisedCall,
    { shared }: Scope,
    run: RunRecord,
  ): BegunAttempt | undefined {
    const { request } = begun;
    const mayOnlyCount =
      shared === undefined && !run.closed && this.#mayOnlyCount(call, request, run.options);
    if (mayOnlyCount && run.waitingSteps.length === 0) return this.#beginHealthy(begun, run, run);
    const open = (): StepRecord | undefined => {
      const step = shared?.step ?? run.openStep({ operation: call.operation });
      if (step === undefined) return undefined;
      if (shared === undefined) step.endsWithItsCall();
      else if (shared.step === undefined) {
        shared.step = step;
        step.hold();
      }
      return step;
    };
    // Calls that share a step end it together.
    const owner = shared === undefined ? run : undefined;
    const opening: Opening = { call, owner, capture: run.capture, open };
    const polled = owner && this.#polledStep(call, (other) => other === run);
    if (polled !== undefined) return this.#beginPoll(begun, call, polled, run);
    const failed = run.waitingSteps.filter((step) => this.#isRetriedAt(step, request));
    if (failed.length === 0) return this.#beginOwn(begun, opening);
    const count = retryCount(request.headers);
    return this.#beginUndecided(begun, opening, (attempt) => {
      const due = failed.find(
        (step) => isNextTry(step, attempt, count) || isSameCall(step, attempt, callId(request)),
      );
      if (due !== undefined) return { step: due, why: 'its headers say that it is the next try' };
      const same = failed.find((step) => isTry(step, attempt) && isSameBodyAsLast(step, attempt, true));
      return same && { step: same, why: 'its body is that of the try that failed' };
    });
  }

  #beginOutside(begun: BegunRequest, call: RecognisedCall): BegunAttempt | undefined {
    const { request, caller } = begun;
    const options = optionsFor(request, this.options.runFor);
    if (options === undefined) return debugLines.requestNotRecorded(request, 'runFor says so');
    const identity: Identity = { options, active: context.active(), headers: request.headers };
    const { runs } = this;
    const mayOnlyCount = options.runId === undefined && this.#mayOnlyCount(call, request, options);
    if (mayOnlyCount && runs.waitingSteps.size === 0)
      return this.#beginHealthy(begun, identity, { budget: runs.callBudget() });
    const origin = caller.isKnown ? 'request' : 'unknown caller';
    const open = () => this.#openRunAndStep(request, identity, origin);
    const owner = caller.isKnown ? identity : undefined;
    const opening: Opening = { call, owner, capture: this.runs.captureOf(options), open };
    if (!caller.isKnown) return this.#beginOwn(begun, opening);
    const polled = this.#polledStep(call, (owner) => 'headers' in owner && isSameIdentity(owner, identity));
    if (polled !== undefined) return this.#beginPoll(begun, call, polled, identity);
    // Most of the time no call waits for another try.
    if (this.runs.waitingSteps.size === 0) return this.#beginOwn(begun, opening);
    const failed = [...this.runs.waitingSteps].filter((step) => {
      const other = this.#identities.get(step);
      return this.#isRetriedAt(step, request) && other !== undefined && isSameIdentity(other, identity);
    });
    if (failed.length === 0) return this.#beginOwn(begun, opening);
    const count = retryCount(request.headers);
    let doubtful: readonly StepRecord[] = [];
    const openBeside = () => {
      const later = open();
      for (const step of doubtful) markPossibleRecovery(step, later);
      return later;
    };
    return this.#beginUndecided(begun, { ...opening, open: openBeside }, (attempt) => {
      const next = only(
        failed.filter(
          (step) => isNextTry(step, attempt, count) || isSameCall(step, attempt, callId(request)),
        ),
      );
      if (next !== undefined) return { step: next, why: 'its headers say that it is the next try' };
      const same = failed.filter((step) => isTry(step, attempt) && isSameBodyAsLast(step, attempt, false));
      const due = only(same.filter((step) => isDue(step, attempt, request.headers)));
      if (due !== undefined) return { step: due, why: 'it repeats the try that failed when that is due' };
      doubtful = same;
      return undefined;
    });
  }

  /** Whether a call that begins may only count, if it goes well. */
  #mayOnlyCount(call: RecognisedCall, request: RequestTarget, options: RunOptions): boolean {
    // A poll belongs to the step of the call that it asks about.
    const isCertain = call.responseId === undefined && !missingEvidence(call, request);
    return isCertain && this.runs.mayOnlyCount(options);
  }

  #beginHealthy(
    { request, caller }: BegunRequest,
    place: RunRecord | Identity,
    owner: { readonly budget: ByteBudget },
  ): BegunAttempt {
    const { runs } = this;
    const attempt = new Attempt(request, runs.now(), 'errors', runs.limits, owner);
    attempt.fingerprint = new BodyFingerprint();
    const isInRun = place instanceof RunRecord;
    const call = new HealthyCall(attempt, caller, place, isInRun ? place.reserveNumber() : 0, this);
    if (isInRun) place.callBegan(call);
    else runs.callBegan(call);
    return { attempt, log: call };
  }

  completed(call: HealthyCall): boolean {
    const { runs } = this;
    const { place, number } = call;
    const isInRun = place instanceof RunRecord;
    if (runs.isMeasured || (isInRun && !runs.isSettled)) return false;
    if (isInRun) place.callCompleted(call, number);
    else runs.callCompleted(call);
    return true;
  }

  judgesLater(call: HealthyCall): boolean {
    // A run ends with its last call, and does not wait for what that said.
    if (call.place instanceof RunRecord) return false;
    this.runs.settleLater(() => {
      judgeAttempt(call.attempt);
      call.judged();
    });
    return true;
  }

  open(healthy: HealthyCall): AttemptLog | undefined {
    const { attempt, caller, place, number } = healthy;
    const { call } = attempt;
    const step =
      place instanceof RunRecord
        ? place.openStepOf(healthy, number)
        : this.#openRunAndStepOf(healthy, place, caller.isKnown ? 'request' : 'unknown caller');
    if (step === undefined || call === undefined) return undefined;
    step.endsWithItsCall();
    step.adopt(attempt);
    if (attempt.lastByteAt !== undefined) step.active(attempt.lastByteAt);
    this.#stepsOf.set(caller, step);
    return this.#logOf(step, { call, owner: caller.isKnown ? place : undefined });
  }

  #beginOwn(begun: BegunRequest, opening: Opening): BegunAttempt | undefined {
    const { request, caller } = begun;
    if (missingEvidence(opening.call, request)) return this.#beginUndecided(begun, opening, () => undefined);
    const step = opening.open();
    if (step === undefined) return undefined;
    return this.#watched(this.#beginIn(step, request, caller, 'its format opens steps'), step, opening);
  }

  #beginIn(
    step: StepRecord,
    request: RequestTarget,
    caller: Caller<CallContext>,
    why: string,
  ): BegunAttempt | undefined {
    this.#stepsOf.set(caller, step);
    rememberCallId(step, request);
    return beginIn(step, request, why, new BodyFingerprint());
  }

  /** The step of a call that this one polls. */
  #polledStep(
    { responseId }: RecognisedCall,
    isOwner: (owner: CallOwner) => boolean,
  ): StepRecord | undefined {
    return responseId === undefined ? undefined : this.runs.background.find(responseId, isOwner);
  }

  #beginPoll(
    { request, caller }: BegunRequest,
    call: RecognisedCall,
    step: StepRecord,
    owner: CallOwner,
  ): BegunAttempt | undefined {
    const { kept } = step.attempts;
    const begun = this.#beginIn(step, request, caller, 'it polls the response of the call');
    if (begun === undefined) return undefined;
    // A poll names no model, and has no messages.
    begun.attempt.model = kept.find(({ model }) => model !== undefined)?.model;
    step.readFacts = () => readBackgroundCall(step.attempts.kept);
    return this.#watched(begun, step, { call, owner });
  }

  #beginUndecided(
    begun: BegunRequest,
    opening: Opening,
    find: (attempt: Attempt) => Joined | undefined,
  ): BegunAttempt | undefined {
    const { request, caller, drop } = begun;
    const { call, open } = opening;
    const evidence = missingEvidence(call, request);
    if (opening.capture === 'off' && evidence === undefined) return this.#beginOwn(begun, opening);
    // The capture may still be chosen when the step opens, and limits what is held until then.
    const capture = opening.capture === 'off' ? 'full' : opening.capture;
    const { runs } = this;
    const budget = runs.openBudget();
    const attempt = new Attempt(request, runs.now(), capture, runs.limits, { budget });
    const decided = (undecided: UndecidedTry, step: StepRecord | undefined) => {
      this.#undecided.delete(undecided);
      if (step === undefined) return;
      this.#stepsOf.set(caller, step);
      rememberCallId(step, request);
    };
    const logOf = (step: StepRecord) => this.#logOf(step, opening);
    const undecided = new UndecidedTry(attempt, { evidence, find, open, logOf, decided, drop });
    this.#undecided.add(undecided);
    return { attempt, log: undecided };
  }

  /** A call of the Responses API may go on in the background: then its step waits for polls. */
  #logOf(step: StepRecord, { call, owner }: Pick<Opening, 'call' | 'owner'>): AttemptLog {
    if (owner === undefined || call.format.name !== 'openai-responses') return step;
    this.#owners.set(step, owner);
    const { background } = this.runs;
    if (call.responseId !== undefined && !background.has(step))
      background.expects(step, call.responseId, owner);
    return background.logOf(step, owner);
  }

  #watched(
    begun: BegunAttempt | undefined,
    step: StepRecord,
    opening: Pick<Opening, 'call' | 'owner'>,
  ): BegunAttempt | undefined {
    return begun && { attempt: begun.attempt, log: this.#logOf(step, opening) };
  }

  /** The step waits for another try, rather than for a poll, of a call to the same place. */
  #isRetriedAt(step: StepRecord, request: RequestTarget): boolean {
    const { last } = step.attempts;
    const isSamePlace = last?.origin === request.origin && last.path === request.path;
    return step.awaitsRetry && isSamePlace && !this.runs.background.awaitsPoll(step);
  }

  #openRunAndStep(request: RequestTarget, identity: Identity, origin: RunOrigin): StepRecord | undefined {
    const run = context.with(identity.active, () => this.runs.open(identity.options, undefined, origin));
    const step = run?.openStep({ operation: request.call?.operation });
    step?.endsWithItsCall();
    if (step !== undefined) this.#identities.set(step, identity);
    run?.release();
    return step;
  }

  #openRunAndStepOf(call: HealthyCall, identity: Identity, origin: RunOrigin): StepRecord | undefined {
    const run = context.with(identity.active, () => this.runs.openRunOf(call, identity.options, origin));
    const step = run.openStep({ operation: call.attempt.call?.operation });
    if (step !== undefined) this.#identities.set(step, identity);
    run.release();
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

function only<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}
