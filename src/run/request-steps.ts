import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { Attempt, type AttemptListener, type BegunAttempt, type RequestTarget } from '../attempt/attempt.js';
import type { Caller } from '../attempt/callers.js';
import { explains } from '../self-diagnostics.js';
import type { StepRecord } from '../step/step-record.js';
import type { Capture } from '../types.js';
import type { RecognisedCall } from '../wire/format.js';
import { BodyFingerprint } from '../wire/request-body.js';
import { type CallOwner, readBackgroundCall } from './background-calls.js';
import type { CallContext, Scope } from './call-context.js';
import * as debugLines from './debug-lines.js';
import { type HealthyCall, HealthyCalls } from './healthy-calls.js';
import type { LiveRuns } from './live-runs.js';
import { asUnknownCall, type RecordUnknown, type RunFor, runOptionsFor } from './request-hooks.js';
import {
  findRetriedInRun,
  findRetriedOutside,
  type Identity,
  isSameIdentity,
  markPossibleRecovery,
  rememberAttempt,
  retryCount,
} from './retry-evidence.js';
import { type RunOrigin, RunRecord } from './run-record.js';
import { type JoinedStep, pendingProof, UndecidedAttempt } from './undecided-attempt.js';

export interface RequestStepsOptions {
  /** Whether tracing is suppressed in the caller's context, as it is for exporters. */
  readonly isSuppressed: () => boolean;
  readonly opens: (call: RecognisedCall) => boolean;
  readonly runFor: RunFor | undefined;
  readonly recordUnknown: RecordUnknown | undefined;
}

interface BegunRequest {
  readonly request: RequestTarget;
  readonly caller: Caller<CallContext>;
  /** Stops the recording, if the request turns out to be no model call. */
  readonly drop: () => void;
}

type Begun = BegunAttempt | HealthyCall;

interface Opening {
  readonly call: RecognisedCall;
  /** Whose polls may join its step; `undefined` if it shares the step with other calls. */
  readonly owner: CallOwner | undefined;
  readonly capture: Capture;
  readonly open: () => StepRecord | undefined;
}

/**
 * Decides the owner of a request when it is created: its run, user and capture level. Inside an explicit step it
 * belongs to that step. Any other recognised call opens a step, in the run of its caller or, outside of every run, in
 * a run of its own; or it joins the step of a failed call of the same owner, on evidence that it is a retry.
 */
export class RequestSteps {
  /** The step of all requests of one call. */
  readonly #stepsOf = new WeakMap<Caller<CallContext>, StepRecord>();
  readonly #identities = new WeakMap<StepRecord, Identity>();
  readonly #undecided = new Set<UndecidedAttempt>();
  readonly #healthy: HealthyCalls;

  constructor(
    private readonly runs: LiveRuns,
    private readonly options: RequestStepsOptions,
  ) {
    this.#healthy = new HealthyCalls(runs, (step, healthy) => this.#promoted(step, healthy));
  }

  begin(request: RequestTarget, caller: Caller<CallContext>, drop: () => void): Begun | undefined {
    const { isKnown, context: called } = caller;
    const { scope, active = ROOT_CONTEXT } = called ?? {};
    // An exporter may send from a context whose caller is unknown.
    if (!isKnown && this.options.isSuppressed()) return undefined;
    const begun = { request, caller, drop };
    if (active === context.active()) return this.#begin(begun, scope);
    return context.with(active, () => this.#begin(begun, scope));
  }

  /** Decides all undecided attempts: nothing more will be known of them. */
  close(): void {
    for (const undecided of this.#undecided) undecided.decide();
  }

  #begin(begun: BegunRequest, scope: Scope | undefined): Begun | undefined {
    const { request, caller } = begun;
    const { isSuppressed, opens } = this.options;
    const { call } = request;
    if (scope?.step === undefined && call === undefined) return this.#beginUnknown(begun, scope);
    if (isSuppressed()) return undefined;
    if (scope?.step !== undefined && !scope.step.closed) {
      return beginIn(scope.step, request, 'it was made inside the step');
    }
    if (call === undefined) return undefined;
    if (!opens(call)) return debugLines.requestNotRecorded(request, 'openSteps excludes its format');
    const before = this.#stepsOf.get(caller);
    if (
      before !== undefined &&
      this.#isRetriedAt(before, request) &&
      this.#isSameOwner(before, request, scope)
    ) {
      const owner = this.runs.background.ownerOf(before);
      return this.#beginIn(before, begun, { call, owner }, 'its dispatcher retries the call');
    }
    if (scope === undefined) return this.#beginOutside(begun, call);
    if (scope.run === undefined) {
      return debugLines.requestNotRecorded(request, 'it was made inside a run that is not captured');
    }
    return this.#beginInRun(begun, call, scope, scope.run);
  }

  #beginUnknown(begun: BegunRequest, scope: Scope | undefined): Begun | undefined {
    const { isSuppressed, recordUnknown } = this.options;
    if (scope?.run !== undefined && recordUnknown !== undefined && !isSuppressed()) {
      const request = asUnknownCall(begun.request, recordUnknown);
      if (request !== undefined)
        return this.#beginInRun({ ...begun, request }, request.call, scope, scope.run);
    }
    if (explains() && !isSuppressed()) debugLines.requestNotRecognised(begun.request);
    return undefined;
  }

  /** Checks the identity outside of every run, where a callback of a failed request may call for another user. */
  #isSameOwner(before: StepRecord, request: RequestTarget, scope: Scope | undefined): boolean {
    if (scope !== undefined) return true;
    const options = runOptionsFor(request, this.options.runFor);
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
  ): Begun | undefined {
    const { request } = begun;
    const isHealthy = shared === undefined && !run.closed && this.#healthy.accepts(request, run.options);
    if (isHealthy && run.open.waitingSteps.length === 0)
      return this.#healthy.begin(request, begun.caller, run, run.budget);
    const open = (): StepRecord | undefined => {
      const step = shared?.step ?? run.openStep({ operation: call.operation });
      if (step === undefined) return undefined;
      if (shared === undefined) step.endWithCall();
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
    const failed = run.open.waitingSteps.filter((step) => this.#isRetriedAt(step, request));
    if (failed.length === 0) return this.#beginOwn(begun, opening);
    const count = retryCount(request.headers);
    return this.#beginUndecided(begun, opening, (attempt) =>
      findRetriedInRun(failed, request, attempt, count),
    );
  }

  #beginOutside(begun: BegunRequest, call: RecognisedCall): Begun | undefined {
    const { request, caller } = begun;
    const options = runOptionsFor(request, this.options.runFor);
    if (options === undefined) return debugLines.requestNotRecorded(request, 'runFor returned false');
    const identity: Identity = { options, active: context.active(), headers: request.headers };
    const { runs } = this;
    const isHealthy = options.runId === undefined && this.#healthy.accepts(request, options);
    if (isHealthy && runs.waitingSteps.size === 0)
      return this.#healthy.begin(request, caller, identity, runs.callBudget());
    const origin = caller.isKnown ? 'request' : 'unknown caller';
    const open = () => this.#openRunAndStep(request, identity, origin);
    const owner = caller.isKnown ? identity : undefined;
    const opening: Opening = { call, owner, capture: this.runs.captureOf(options), open };
    if (!caller.isKnown) return this.#beginOwn(begun, opening);
    const polled = this.#polledStep(call, (owner) => 'headers' in owner && isSameIdentity(owner, identity));
    if (polled !== undefined) return this.#beginPoll(begun, call, polled, identity);
    if (this.runs.waitingSteps.size === 0) return this.#beginOwn(begun, opening);
    const failed = [...this.runs.waitingSteps].filter((step) => {
      const other = this.#identities.get(step);
      return this.#isRetriedAt(step, request) && other !== undefined && isSameIdentity(other, identity);
    });
    if (failed.length === 0) return this.#beginOwn(begun, opening);
    const count = retryCount(request.headers);
    let possible: readonly StepRecord[] = [];
    const openOwn = () => {
      const later = open();
      for (const step of possible) markPossibleRecovery(step, later);
      return later;
    };
    return this.#beginUndecided(begun, { ...opening, open: openOwn }, (attempt) => {
      const found = findRetriedOutside(failed, request, attempt, count);
      if ('step' in found) return found;
      possible = found.possible;
      return undefined;
    });
  }

  /** A call that had no step has one now. */
  #promoted(step: StepRecord, { caller, place, request: { call } }: HealthyCall): AttemptListener {
    this.#stepsOf.set(caller, step);
    if (!(place instanceof RunRecord)) {
      this.#identities.set(step, place);
      rememberAttempt(step, { call, headers: place.headers });
    }
    return this.runs.background.listenerFor(step, call, caller.isKnown ? place : undefined);
  }

  #beginOwn(begun: BegunRequest, opening: Opening): BegunAttempt | undefined {
    if (pendingProof(opening.call, begun.request))
      return this.#beginUndecided(begun, opening, () => undefined);
    const step = opening.open();
    return step && this.#beginIn(step, begun, opening, 'its format opens a step');
  }

  #beginIn(
    step: StepRecord,
    { request, caller }: BegunRequest,
    { call, owner }: Pick<Opening, 'call' | 'owner'>,
    why: string,
  ): BegunAttempt | undefined {
    this.#stepsOf.set(caller, step);
    rememberAttempt(step, request);
    const begun = beginIn(step, request, why, new BodyFingerprint());
    if (begun === undefined) return undefined;
    return { attempt: begun.attempt, listener: this.runs.background.listenerFor(step, call, owner) };
  }

  #polledStep(
    { responseId }: RecognisedCall,
    isOwner: (owner: CallOwner) => boolean,
  ): StepRecord | undefined {
    return responseId === undefined ? undefined : this.runs.background.find(responseId, isOwner);
  }

  #beginPoll(
    begun: BegunRequest,
    call: RecognisedCall,
    step: StepRecord,
    owner: CallOwner,
  ): BegunAttempt | undefined {
    const { kept } = step.attempts;
    const poll = this.#beginIn(step, begun, { call, owner }, 'it polls the response of the call');
    if (poll === undefined) return undefined;
    poll.attempt.model = kept.map((one) => one.model ?? one.call?.model).find((model) => model !== undefined);
    step.readFacts = () => readBackgroundCall(step.attempts.kept);
    return poll;
  }

  #beginUndecided(
    begun: BegunRequest,
    opening: Opening,
    find: (attempt: Attempt) => JoinedStep | undefined,
  ): BegunAttempt | undefined {
    const { request, caller, drop } = begun;
    const { call, open } = opening;
    const proof = pendingProof(call, request);
    if (opening.capture === 'off' && proof === undefined) return this.#beginOwn(begun, opening);
    // The step may open with another capture. Until then, this capture limits what the attempt holds.
    const capture = opening.capture === 'off' ? 'full' : opening.capture;
    const { runs } = this;
    const budget = runs.openBudget();
    const attempt = new Attempt(request, runs.now(), capture, runs.limits, { budget });
    const decided = (undecided: UndecidedAttempt, step: StepRecord | undefined) => {
      this.#undecided.delete(undecided);
      if (step === undefined) return;
      this.#stepsOf.set(caller, step);
      rememberAttempt(step, request);
    };
    const listenerFor = (step: StepRecord) => runs.background.listenerFor(step, call, opening.owner);
    const undecided = new UndecidedAttempt(attempt, {
      proof,
      find,
      open,
      listenerFor,
      decided,
      drop,
    });
    this.#undecided.add(undecided);
    return { attempt, listener: undecided };
  }

  /** Whether the step waits for a retry, rather than for a poll, of a call to the same URL. */
  #isRetriedAt(step: StepRecord, request: RequestTarget): boolean {
    const { last } = step.attempts;
    const isSamePlace = last?.origin === request.origin && last.path === request.path;
    return step.awaitsRetry && isSamePlace && !this.runs.background.awaitsPoll(step);
  }

  #openRunAndStep(request: RequestTarget, identity: Identity, origin: RunOrigin): StepRecord | undefined {
    const run = context.with(identity.active, () => this.runs.open(identity.options, undefined, origin));
    const step = run?.openStep({ operation: request.call?.operation });
    step?.endWithCall();
    if (step !== undefined) this.#identities.set(step, identity);
    if (run !== undefined) run.startedAt = request.startedAt ?? run.startedAt;
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
  return { attempt, listener: step };
}
