import type { BegunAttempt, RequestTarget } from '../attempt/attempt.js';
import { headerValue, readHeaders } from '../attempt/raw-headers.js';
import { explains } from '../self-diagnostics.js';
import type { StepRecord } from '../step/step-record.js';
import { BodyFingerprint } from '../wire/body-fingerprint.js';
import type { RecognisedCall } from '../wire/format.js';
import * as debugLines from './debug-lines.js';
import type { LiveRuns } from './live-runs.js';
import { optionsFor, type RunFor } from './run-for.js';
import type { Scope } from './scope.js';
import { UndecidedTry } from './undecided-try.js';

export interface RequestStepsOptions {
  /** What the caller's async context is inside of. */
  readonly scope: () => Scope | undefined;
  /** Telemetry is being sent from the caller's context: nothing of that is recorded. */
  readonly isSuppressed: () => boolean;
  /** Whether a call opens a step where none is active. */
  readonly opens: (call: RecognisedCall) => boolean;
  readonly runFor: RunFor | undefined;
}

/** SDKs number the tries of one call with it, from 0. */
const RETRY_COUNT = 'x-stainless-retry-count';

/**
 * Finds the step that a request belongs to, or opens one: inside an explicit step that one; else another try
 * of a call that failed joins the step of that call, and any other recognised call opens a step of its own, in
 * the run of the context or, outside every run, in one that ends with it.
 */
export class RequestSteps {
  constructor(
    private readonly runs: LiveRuns,
    private readonly options: RequestStepsOptions,
  ) {}

  /** A request begins, in its caller's async context; `undefined` where it is not to be recorded. */
  begin(request: RequestTarget): BegunAttempt | undefined {
    const { scope: currentScope, isSuppressed, opens } = this.options;
    const scope = currentScope();
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
    // Inside a run that is not captured nothing is.
    if (scope !== undefined && scope.run === undefined) {
      return debugLines.requestNotRecorded(request, 'it was made inside a run that is not captured');
    }
    const open = (): StepRecord | undefined => this.#openStep(scope, request, call);
    const failed = this.#failedCalls(scope, request);
    const count = failed.length > 0 ? retryCount(request) : 0;
    if (count !== 0) return new UndecidedTry(failed, count, open).begin(request);
    const step = open();
    return step && beginIn(step, request, 'its format opens steps', new BodyFingerprint());
  }

  /** The steps of calls to the same URL, in the same run, that failed and may be tried again. */
  #failedCalls(scope: Scope | undefined, { origin, path }: RequestTarget): StepRecord[] {
    if (scope?.run === undefined && this.runs.waitingSteps.size === 0) return [];
    return [...(scope?.run?.waitingSteps ?? this.runs.waitingSteps)].filter(({ awaitsRetry, attempts }) => {
      const { last } = attempts;
      return awaitsRetry && last?.origin === origin && last.path === path;
    });
  }

  #openStep(
    scope: Scope | undefined,
    request: RequestTarget,
    { operation }: RecognisedCall,
  ): StepRecord | undefined {
    const { run, shared } = scope ?? {};
    if (run === undefined) return this.#openRunAndStep(request);
    const step = shared?.step ?? run.openStep({ operation });
    if (step === undefined) return undefined;
    if (shared === undefined) step.endsWithItsCall();
    else if (shared.step === undefined) {
      shared.step = step;
      step.hold();
    }
    return step;
  }

  #openRunAndStep(request: RequestTarget): StepRecord | undefined {
    const options = optionsFor(request, this.options.runFor);
    if (options === undefined) return debugLines.requestNotRecorded(request, 'runFor says so');
    const run = this.runs.open(options, undefined, true);
    const step = run?.openStep({ operation: request.call?.operation });
    step?.endsWithItsCall();
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

/** `undefined` where the request does not say it. */
function retryCount({ headers }: RequestTarget): number | undefined {
  const text = headerValue(readHeaders(headers, retryCountName), RETRY_COUNT);
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

function retryCountName(name: unknown): string | undefined {
  return String(name).length === RETRY_COUNT.length && String(name).toLowerCase() === RETRY_COUNT
    ? RETRY_COUNT
    : undefined;
}
