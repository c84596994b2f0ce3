import { classifyError, explainError } from '../error/index.js';
import type { Attempt } from './attempt.js';
import { type AbortPath, abortUnderWay } from './call-stack.js';

/** An exchange that the application broke off. */
export interface Abort {
  /** The reason that the application gave, and gets thrown. */
  readonly reason: unknown;
  /** undici reports an error of its own in place of the reason. */
  readonly isReasonHidden: boolean;
  /** By an `AbortController`. */
  readonly isBySignal: boolean;
  /** What `AbortSignal.timeout()` aborts with: a time-out, not an interruption. */
  readonly deadline: unknown;
}

/**
 * Returns the abort behind an error that undici or Node.js reports for a request, if it was one. To be called while
 * the error is reported: the reason of an abort may be anything, also what looks like an error of the transport, so
 * the call stack tells.
 *
 * @param hasAnswer the answer's headers have come
 * @param isSending the request's body is being sent: an unknown error may be one of the source of that body
 */
export function abortBehind(error: unknown, hasAnswer: boolean, isSending: boolean): Abort | undefined {
  // A body that its reader gave up is reported without an error, or with a list of reasons.
  if (error === undefined || Array.isArray(error)) return abortWith(error, undefined, false);
  const path = abortUnderWay();
  if (path === 'timeout') return { ...abortWith(error, path, false), deadline: deadlineIn(error) };
  if (path === undefined && hasOwn(error, 'name', 'AbortError') && hasOwn(error, 'code', 'ABORT_ERR'))
    return abortWith((error as Error).cause ?? error, 'signal', false);
  return isAbort(error, path, isSending)
    ? abortWith(error, path, isHidden(error, path, hasAnswer))
    : undefined;
}

function abortWith(reason: unknown, path: AbortPath | undefined, isReasonHidden: boolean): Abort {
  const isBySignal = path === 'signal' || path === 'timeout';
  return { reason, isReasonHidden, isBySignal, deadline: isOwnDeadline(reason) ? reason : undefined };
}

function isAbort(error: unknown, path: AbortPath | undefined, isSending: boolean): boolean {
  if (path === 'signal' || path === 'cancel') return true;
  const { kind } = classifyError(error);
  if (kind === 'interrupted') return true;
  if (path === 'handler' && !isSending && !isFromUndici(error)) return true;
  return kind !== 'timeout' && !hasCode(error) && !isSending;
}

/**
 * `undici.request` reports a `RequestAbortedError` for an abort in the middle of the body, undici 5 for any, and
 * `fetch` an `AbortError` for one that came before the connection was there.
 */
function isHidden(error: unknown, path: AbortPath | undefined, hasAnswer: boolean): boolean {
  if (path === 'signal') return isFromUndici(error);
  return path !== 'cancel' && !hasAnswer && classifyError(error).kind === 'interrupted';
}

function deadlineIn(error: unknown): unknown {
  return isOwnDeadline(error)
    ? error
    : new DOMException('The operation was aborted due to timeout', 'TimeoutError');
}

/** The caller's own deadline, as `AbortSignal.timeout()` has it. */
export function isOwnDeadline(error: unknown): boolean {
  return explainError(error).rule === 'own deadline';
}

/**
 * What undici and Node.js fail with has one, such as `UND_ERR_SOCKET` and `ECONNREFUSED`; undici's parser leaves its
 * own empty where llhttp runs without names.
 */
function hasCode(error: unknown): boolean {
  return typeof error === 'object' && error !== null && Object.hasOwn(error, 'code');
}

function isFromUndici(error: unknown): boolean {
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown };
  return typeof code === 'string' && code.startsWith('UND_ERR_');
}

function hasOwn(error: unknown, property: 'name' | 'code', value: string): boolean {
  return (
    typeof error === 'object' && error !== null && (error as Record<string, unknown>)[property] === value
  );
}

const aborts = new WeakMap<Attempt, Abort>();

export function noteAbort(attempt: Attempt, abort: Abort): void {
  aborts.set(attempt, abort);
}

/** The abort that ended an exchange, whatever its bytes say of it. */
export function abortOf(attempt: Attempt): Abort | undefined {
  return aborts.get(attempt);
}
