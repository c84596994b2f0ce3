import { type Abort, abortOf, isOwnDeadline } from '../attempt/abort.js';
import type { Attempt } from '../attempt/attempt.js';
import { isFailedAnswer } from '../attempt/failure.js';
import { type Classification, explainError } from '../error/index.js';
import { JAVASCRIPT_ERRORS, read } from '../error/values.js';
import { type Outcome, outcomeOfAbort, outcomeOfError } from './outcome.js';

const MAX_ERRORS = 32;

/** The error, its causes and the errors that it holds, the outermost first, each once. At most 32; never throws. */
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
    // A Proxy.
    return [];
  }
}

/**
 * Whether an exception only says that a model call gave nothing, not why: the AI SDK throws these two without a
 * cause where the call failed or its stream ended with an error.
 */
export function isWrapper(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const name = read(error, 'name');
  if (name === 'AI_NoOutputGeneratedError') return true;
  return name === 'AI_NoObjectGeneratedError' && read(error, 'finishReason') === 'error';
}

/** No application aborts with one of these. */
const MISTAKES: ReadonlySet<unknown> = new Set(JAVASCRIPT_ERRORS);

/** Of any realm. */
function isError(error: unknown): error is object {
  return typeof error === 'object' && error !== null && typeof read(error, 'stack') === 'string';
}

/** How an exchange was aborted, as far as it tells which exception is the reason. */
export type AbortSource = Pick<Abort, 'isBySignal' | 'isReasonHidden'>;

/**
 * Whether an exception that follows an abort is its reason, although undici has not reported it: what is no error
 * is thrown for no other cause, and where undici hides the reason it may be any error but a mistake in the code.
 */
export function isUnreportedReason(error: unknown, { isBySignal, isReasonHidden }: AbortSource): boolean {
  if (!isError(error)) return isBySignal || isReasonHidden;
  if (!isReasonHidden || MISTAKES.has(read(error, 'name'))) return false;
  const { rule } = explainError(error);
  return rule !== 'attached' && rule !== 'own deadline';
}

/**
 * The outcome of a step whose function threw `error`; `undefined` where that is a consequence of how the step's last
 * exchange ended, which then decides: an abort after the terminal event is a success, one after an error event a
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
  const isFailed = last.status === 'failed' || isFailedAnswer(last);
  if (isFailed && (isWrapper(error) || (last.error !== undefined && error === last.error))) return undefined;
  // What is no error is what a request under way was aborted with.
  const isUnderWay = last.endedAt === undefined && !isFailed;
  return isUnderWay && !isError(error) ? outcomeOfAbort(error, provider) : outcome;
}

/**
 * Whether an SDK's exception is about the same failure: the same HTTP status, or the same code of the provider or of
 * the system.
 */
export function isSameFailure(thrown: Classification, failed: Classification): boolean {
  if (thrown.requestId !== undefined && failed.requestId !== undefined)
    return thrown.requestId === failed.requestId;
  if (thrown.statusCode !== undefined) return thrown.statusCode === failed.statusCode;
  const isCode = thrown.errorType !== thrown.exceptionType && thrown.errorType !== '_OTHER';
  return isCode && thrown.errorType === failed.errorType && thrown.kind === failed.kind;
}
