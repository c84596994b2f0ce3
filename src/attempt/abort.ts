import { classifyError, explainError } from '../error/index.js';
import type { Attempt } from './attempt.js';
import { type AbortPath, currentAbort } from './call-stack.js';

export interface Abort {
  /** The reason that the application gave and that is thrown. */
  readonly reason: unknown;
  /** Whether undici reports an error of its own instead of the reason. */
  readonly isReasonHidden: boolean;
  /** Whether an `AbortController` caused it. */
  readonly isBySignal: boolean;
  /** The error of `AbortSignal.timeout()`, if that caused it: a timeout, not an interruption. */
  readonly deadline: unknown;
}

/**
 * Returns the abort that caused an error which undici or Node.js reports for a request; `undefined` if none did. Must
 * be called while the error is reported: the reason of an abort may be any value, so the call stack decides.
 *
 * @param hasResponse whether response headers have come
 * @param isSending whether the request's body is being sent: an unknown error may then come from the source of the body
 */
export function abortBehind(error: unknown, hasResponse: boolean, isSending: boolean): Abort | undefined {
  // The cancellation of a body is reported without an error, or with a list of reasons.
  if (error === undefined || Array.isArray(error)) return abortWith(error, undefined, false);
  const path = currentAbort();
  if (path === 'timeout') return { ...abortWith(error, path, false), deadline: deadlineIn(error) };
  if (path === undefined && hasOwn(error, 'name', 'AbortError') && hasOwn(error, 'code', 'ABORT_ERR'))
    return abortWith((error as Error).cause ?? error, 'signal', false);
  return isAbort(error, path, isSending)
    ? abortWith(error, path, isHidden(error, path, hasResponse))
    : undefined;
}

export function abortBySignal(reason: unknown): Abort {
  return abortWith(reason, 'signal', false);
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
 * `undici.request` reports a `RequestAbortedError` for an abort during the response body, undici 5 for any abort, and
 * `fetch` an `AbortError` for an abort before the connection.
 */
function isHidden(error: unknown, path: AbortPath | undefined, hasResponse: boolean): boolean {
  if (path === 'signal') return isFromUndici(error);
  return path !== 'cancel' && !hasResponse && classifyError(error).kind === 'interrupted';
}

function deadlineIn(error: unknown): unknown {
  return isOwnDeadline(error)
    ? error
    : new DOMException('The operation was aborted due to timeout', 'TimeoutError');
}

export function isOwnDeadline(error: unknown): boolean {
  return explainError(error).rule === 'own deadline';
}

/** Errors of undici and Node.js have one, such as `UND_ERR_SOCKET` or `ECONNREFUSED`; it may be empty. */
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

export function recordAbort(attempt: Attempt, abort: Abort): void {
  aborts.set(attempt, abort);
}

export function abortOf(attempt: Attempt): Abort | undefined {
  return aborts.get(attempt);
}
