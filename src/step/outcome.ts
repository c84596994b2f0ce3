import { type Abort, abortOf, isOwnDeadline } from '../attempt/abort.js';
import type { Attempt } from '../attempt/attempt.js';
import { isErrorStatus } from '../attempt/failure.js';
import { type Classification, classifyError, explainError } from '../error/index.js';
import { JAVASCRIPT_ERRORS, read } from '../error/values.js';
import type { Status } from '../types.js';

/** How a run or a step ended. The failure of an interruption is its abort. */
export type Outcome =
  | { readonly status: 'completed' }
  | { readonly status: 'interrupted'; readonly failure?: Failure | undefined }
  | { readonly status: 'error'; readonly failure: Failure };

export interface Failure {
  readonly error: unknown;
  readonly classification: Classification;
}

export function withoutError(failure: Failure | undefined): Failure | undefined {
  return failure && { error: undefined, classification: failure.classification };
}

export const COMPLETED: Outcome = Object.freeze({ status: 'completed' });
export const INTERRUPTED: Outcome = Object.freeze({ status: 'interrupted' });

/** The error that `classifyError` gets for an abort without a reason. */
const ABORT_ERROR = Object.freeze({ name: 'AbortError', message: 'This operation was aborted' });

const PRIORITY: Readonly<Record<Status, number>> = { in_progress: 0, interrupted: 1, error: 2, completed: 3 };

/** The state that runs and steps share: status, failure and end. */
export abstract class Recorded {
  endedAt: number | undefined;
  /**
   * The number of runs with the same fingerprint that it represents, including itself, if it is the reason to keep its
   * run.
   */
  represents: number | undefined;
  #status: Status = 'in_progress';
  #failure: Failure | undefined;

  get status(): Status {
    return this.#status;
  }

  /** The error, or the abort of an interruption. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** `error.type`, for the status `error` only. */
  get errorType(): string | undefined {
    return this.#status === 'error' ? this.#failure?.classification.errorType : undefined;
  }

  get closed(): boolean {
    return this.endedAt !== undefined;
  }

  finish(outcome: Outcome): void {
    if (!this.closed) this.take(outcome);
  }

  /**
   * Releases the application's error object, which may contain a prompt, since an async context may keep the record
   * alive.
   */
  protected forgetError(): void {
    this.#failure = withoutError(this.#failure);
  }

  protected replace(outcome: Outcome): void {
    this.#status = outcome.status;
    this.#failure = outcome.status === 'completed' ? undefined : outcome.failure;
  }

  /** Replaces an outcome of the same or lower priority. A success clears an earlier error. */
  protected take(outcome: Outcome): void {
    if (PRIORITY[outcome.status] < PRIORITY[this.#status]) return;
    this.replace(outcome);
  }
}

const MAX_ERRORS = 32;

/** Returns the error, its causes and aggregated errors, the outermost first, each once. At most 32; never throws. */
export function causesOf(error: unknown): readonly unknown[] {
  const found = [error];
  for (let at = 0; at < found.length; at += 1) {
    const one = found[at];
    if (typeof one !== 'object' || one === null) continue;
    for (const next of [read(one, 'cause'), read(one, 'lastError'), ...errorsOf(one)]) {
      if (found.length === MAX_ERRORS) return found;
      if (next !== undefined && next !== null && !found.includes(next)) found.push(next);
    }
  }
  return found;
}

function errorsOf(error: object): readonly unknown[] {
  const errors = read(error, 'errors');
  try {
    return Array.isArray(errors) ? errors.slice(0, MAX_ERRORS) : [];
  } catch {
    // A Proxy may throw.
    return [];
  }
}

/**
 * Whether an error only reports that a model call produced nothing. The AI SDK throws these two without a cause if the
 * call failed or its stream ended with an error.
 */
export function isWrapper(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const name = read(error, 'name');
  if (name === 'AI_NoOutputGeneratedError') return true;
  return name === 'AI_NoObjectGeneratedError' && read(error, 'finishReason') === 'error';
}

/** Never the reason of an abort. */
const PROGRAMMING_ERRORS: ReadonlySet<unknown> = new Set(JAVASCRIPT_ERRORS);

/** `instanceof` fails across realms. */
function isError(error: unknown): error is object {
  return typeof error === 'object' && error !== null && typeof read(error, 'stack') === 'string';
}

/** The facts that decide whether an error is the reason of an abort. */
export type AbortSource = Pick<Abort, 'isBySignal' | 'isReasonHidden'>;

/**
 * Whether a value that is thrown after an abort is its reason, although undici has not reported it. A value that is not
 * an error has no other cause. If undici hides the reason, it may be any error but a programming error.
 */
export function isUnreportedReason(error: unknown, { isBySignal, isReasonHidden }: AbortSource): boolean {
  if (!isError(error)) return isBySignal || isReasonHidden;
  if (!isReasonHidden || PROGRAMMING_ERRORS.has(read(error, 'name'))) return false;
  const { rule } = explainError(error);
  return rule !== 'attached' && rule !== 'own deadline';
}

/**
 * Returns the outcome of a step whose function threw `error`; `undefined` if the error is a consequence of how the last
 * attempt ended. Then that attempt decides: an abort after the terminal event is a success, one after an error event a
 * failure.
 */
export function outcomeOfThrown(
  error: unknown,
  last: Attempt | undefined,
  provider: string | undefined,
): Outcome | undefined {
  const outcome = outcomeOfError(error, provider);
  if (last === undefined || explainError(error).rule === 'attached') return outcome;
  const abort = abortOf(last);
  if (abort !== undefined) {
    const isItsAbort =
      outcome.status === 'interrupted' ||
      causesOf(error).includes(abort.reason) ||
      isUnreportedReason(error, abort);
    return isItsAbort && !isOwnDeadline(error) ? undefined : outcome;
  }
  const isFailed = last.status === 'failed' || isErrorStatus(last);
  if (isFailed && (isWrapper(error) || (last.error !== undefined && error === last.error))) return undefined;
  // A value that is not an error is the reason of an abort.
  const isInFlight = last.endedAt === undefined && !isFailed;
  return isInFlight && !isError(error) ? outcomeOfAbort(error, provider) : outcome;
}

/** Whether an SDK's error is about the same failure: the same request id, HTTP status, provider code or system code. */
export function isSameFailure(thrown: Classification, failed: Classification): boolean {
  if (thrown.requestId !== undefined && failed.requestId !== undefined)
    return thrown.requestId === failed.requestId;
  if (thrown.statusCode !== undefined) return thrown.statusCode === failed.statusCode;
  const isCode = thrown.errorType !== thrown.exceptionType && thrown.errorType !== '_OTHER';
  return isCode && thrown.errorType === failed.errorType && thrown.kind === failed.kind;
}

/** Returns the outcome of a call that threw `error`: an abort is an interruption, everything else an error. */
export function outcomeOfError(error: unknown, provider?: string): Outcome {
  const classification = classifyError(error, provider === undefined ? {} : { provider });
  return classifiedOutcome({ error, classification });
}

export function classifiedOutcome(failure: Failure): Outcome {
  return { status: failure.classification.kind === 'interrupted' ? 'interrupted' : 'error', failure };
}

/**
 * Returns the outcome of a call that the application aborted: an interruption, unless the reason is its own deadline or
 * was classified by the application.
 */
export function outcomeOfAbort(reason: unknown, provider?: string): Outcome {
  const { rule, classification } = explainError(reason, provider === undefined ? {} : { provider });
  if (rule === 'attached' || rule === 'own deadline' || classification.kind === 'interrupted')
    return outcomeOfError(reason, provider);
  const { detail, exceptionType } = classification;
  const interruption = { ...classifyError(ABORT_ERROR), provider: classification.provider };
  return {
    status: 'interrupted',
    failure: { error: reason, classification: { ...interruption, detail, exceptionType } },
  };
}
