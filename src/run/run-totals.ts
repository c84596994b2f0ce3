import { abortOf } from '../attempt/abort.js';
import type { RequestTarget } from '../attempt/attempt.js';
import { type Classification, explainError } from '../error/index.js';
import {
  type AbortSource,
  COMPLETED,
  causesOf,
  type Failure,
  INTERRUPTED,
  isSameFailure,
  isUnreportedReason,
  isWrapper,
  type Outcome,
  outcomeOfAbort,
  withoutError,
} from '../step/outcome.js';
import { NO_TOKENS, type StepRecord } from '../step/step-record.js';
import type { TokenUsage } from '../types.js';

/** The facts that a run keeps of its ended steps, which are released. */
export class RunTotals {
  readonly failedCalls = new FailedCalls();
  tokens: TokenUsage = NO_TOKENS;
  stepCount = 0;
  /** Whether a step ended with an error; an interruption is not one. */
  hasError = false;
  /** The provider of the first step that has one. */
  provider: string | undefined;
  model: string | undefined;
  /** The first text of a user in a request (full capture). */
  firstMessage: string | undefined;
  lastOutcome: Outcome = COMPLETED;
  #endpoint: string | undefined;

  /** Method and path of the first completed attempt, such as `POST /v1/messages`. */
  get endpoint(): string | undefined {
    return this.#endpoint?.replace(/[?#].*$/s, '');
  }

  discard(): void {
    this.lastOutcome = COMPLETED;
    this.firstMessage = undefined;
    this.failedCalls.clear();
  }

  addCompleted(
    number: number,
    request: RequestTarget,
    provider: string | undefined,
    model: string | undefined,
  ): void {
    this.stepCount += 1;
    this.lastOutcome = COMPLETED;
    this.failedCalls.callCompleted(number);
    this.#endpoint ??= methodAndPath(request);
    this.provider ??= provider;
    this.model ??= model;
  }

  add(step: StepRecord): void {
    this.stepCount += 1;
    this.hasError ||= step.status === 'error';
    this.lastOutcome = stepOutcome(step);
    this.failedCalls.stepEnded(step);
    for (const [name, count] of Object.entries(step.tokens) as [keyof TokenUsage, number | undefined][]) {
      if (count !== undefined) this.tokens = { ...this.tokens, [name]: (this.tokens[name] ?? 0) + count };
    }
    this.#endpoint ??= endpointOf(step);
    this.provider ??= step.provider;
    this.model ??= step.model;
    this.firstMessage ??= firstMessageOf(step);
  }
}

function stepOutcome(step: StepRecord): Outcome {
  if (step.status === 'error' && step.failure !== undefined)
    return { status: 'error', failure: step.failure };
  return step.status === 'interrupted' ? { status: 'interrupted', failure: step.failure } : COMPLETED;
}

function endpointOf(step: StepRecord): string | undefined {
  const attempt = step.attempts.kept.find(({ status }) => status === 'completed');
  return attempt && methodAndPath(attempt);
}

function methodAndPath({ method, path }: Pick<RequestTarget, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

function firstMessageOf({ wire }: StepRecord): string | undefined {
  const parts = wire?.request?.messages.find(({ role }) => role === 'user')?.parts ?? [];
  const text = parts.find((part) => part.type === 'text');
  return text !== undefined && 'content' in text ? text.content : undefined;
}

/** Beyond it, the oldest are dropped. */
const MAX_CALLS = 16;

interface FailedCall {
  readonly outcome: Outcome;
  /** Errors that the application may rethrow. Held weakly, since a run may live for long. */
  readonly errors: readonly WeaklyHeld[];
  readonly abort: AbortSource | undefined;
}

type WeaklyHeld = WeakRef<object> | string | number | boolean | bigint | symbol | null;

/**
 * The steps and child runs of a run that failed or were interrupted. They decide whether an error that the function of
 * the run throws is a consequence of one of them.
 */
class FailedCalls {
  #calls: readonly FailedCall[] = [];
  /** The step that was opened last, if it did not succeed. An earlier step may end later, after its retries. */
  #last: FailedCall | undefined;
  #lastNumber = 0;

  callCompleted(number: number): void {
    if (number < this.#lastNumber) return;
    this.#last = undefined;
    this.#lastNumber = number;
  }

  /** Call when the step has its outcome and still has its attempts. */
  stepEnded({ number, status, failure, attempts: { last } }: StepRecord): void {
    const abort = last && abortOf(last);
    const isLast = number >= this.#lastNumber;
    if (isLast) {
      this.#last = undefined;
      this.#lastNumber = number;
    }
    if (status === 'completed' && abort === undefined) return;
    const isError = status === 'error' && failure !== undefined;
    // After an abort that follows the terminal event, the step succeeds, but the function may still throw the reason.
    const outcome: Outcome = isError ? { status, failure } : { status: 'interrupted', failure };
    const call = this.#add(outcome, [failure?.error, last?.error, abort?.reason], abort);
    if (isLast && status !== 'completed') this.#last = call;
  }

  /** @param thrown the error that the function of the child run threw */
  childEnded(status: string, failure: Failure | undefined, thrown: unknown): void {
    if (status === 'error' && failure !== undefined) this.#add({ status, failure }, [failure.error, thrown]);
    else if (status === 'interrupted') this.#add(INTERRUPTED, [failure?.error, thrown]);
  }

  /**
   * Returns the outcome of the call that caused the failure of a run; `undefined` if no call did. A call that was
   * followed by a success counts only if its error was thrown or is a cause of the thrown one.
   */
  causeOf({ error, classification }: Failure): Outcome | undefined {
    // A classification by the application takes precedence.
    if (explainError(error).rule === 'attached') return undefined;
    const call =
      this.#thrownBy(error, classification) ?? (this.#isLast(error, classification) ? this.#last : undefined);
    if (call === undefined) return undefined;
    const { outcome } = call;
    if (outcome.status !== 'error') return outcomeOfAbort(error);
    return { status: 'error', failure: { error, classification: outcome.failure.classification } };
  }

  clear(): void {
    this.#calls = [];
    this.#last = undefined;
  }

  /** If a call was aborted with the error of another as its reason, that other call is the cause. */
  #thrownBy(error: unknown, classification: Classification): FailedCall | undefined {
    const causes = causesOf(error);
    const calls = this.#calls.filter(({ errors }) => errors.some((one) => includesError(causes, one)));
    if (calls.length === 0) return undefined;
    const failed = calls.findLast(({ outcome }) => outcome.status === 'error');
    return failed ?? this.#calls.findLast((call) => matches(call, classification)) ?? calls.at(-1);
  }

  #isLast(error: unknown, classification: Classification): boolean {
    if (this.#last === undefined) return false;
    const { abort } = this.#last;
    if (isWrapper(error)) return true;
    if (abort !== undefined && classification.kind === 'interrupted') return true;
    if (abort !== undefined && isUnreportedReason(error, abort))
      return !this.#calls.some((call) => matches(call, classification));
    return matches(this.#last, classification);
  }

  #add(outcome: Outcome, errors: readonly unknown[], abort?: AbortSource): FailedCall {
    const source = abort && { isBySignal: abort.isBySignal, isReasonHidden: abort.isReasonHidden };
    const call: FailedCall = {
      outcome: releasedOutcome(outcome),
      errors: errors.flatMap(heldWeakly),
      abort: source,
    };
    this.#calls = [...this.#calls.slice(1 - MAX_CALLS), call];
    return call;
  }
}

/** Whether a thrown error has the classification of a failed call. */
function matches({ outcome }: FailedCall, thrown: Classification): boolean {
  return outcome.status === 'error' && isSameFailure(thrown, outcome.failure.classification);
}

function releasedOutcome(outcome: Outcome): Outcome {
  if (outcome.status === 'completed') return outcome;
  const failure = withoutError(outcome.failure);
  return outcome.status === 'error' && failure !== undefined
    ? { status: 'error', failure }
    : { status: 'interrupted', failure };
}

function heldWeakly(error: unknown): WeaklyHeld | [] {
  if (typeof error === 'object' && error !== null) return new WeakRef(error);
  return error === undefined || typeof error === 'function' ? [] : (error as WeaklyHeld);
}

function includesError(causes: readonly unknown[], one: WeaklyHeld): boolean {
  const error = one instanceof WeakRef ? one.deref() : one;
  return error !== undefined && causes.includes(error);
}
