import { guarded } from '../self-diagnostics.js';
import type { PendingWork } from '../step/step-record.js';
import { isPlainPromise, observeThenable } from './observe-thenable.js';

export interface CallObserver {
  /**
   * The call returned, or its promise was fulfilled with `value`. `pending` is what is still in progress. After a
   * `call`, which may never be awaited, a second report follows if the thenable settles.
   */
  returned(pending: PendingWork, value: unknown): void;
  /** The call threw, or its promise was rejected. */
  threw(error: unknown): void;
}

/**
 * Calls a function of the application and reports to `observer` how it ended. Call it inside the context of the run
 * or step, so that the promise callbacks retain no other context.
 *
 * A thenable of an SDK (such as `APIPromise` of `openai`) is returned as it is and reported twice: when the call
 * returns it, and when it has settled for the application.
 *
 * @returns what `call` returns; for a plain promise, a promise that settles in the same way
 * @throws what `call` throws
 */
export function observeCall<T>(call: () => T, observer: CallObserver): T {
  let result: T;
  try {
    result = call();
  } catch (error) {
    reportThrown(observer, error);
    throw error;
  }
  if (isPlainPromise(result)) {
    return result.then(
      (value) => {
        reportReturned(observer, value);
        return value;
      },
      (error: unknown) => {
        reportThrown(observer, error);
        throw error;
      },
    ) as T;
  }
  reportReturned(observer, result);
  reportSettlement(observer, result);
  return result;
}

function reportSettlement(observer: CallObserver, result: unknown): void {
  guarded('the end of a call could not be observed', undefined, () => {
    if (pendingIn(result) !== 'call') return;
    observeThenable(result as PromiseLike<unknown>, {
      fulfilled: (value) => {
        if (pendingIn(value) !== 'call') reportReturned(observer, value);
      },
      rejected: (error) => reportThrown(observer, error),
    });
  });
}

function reportReturned(observer: CallObserver, value: unknown): void {
  guarded('the end of a call could not be recorded', undefined, () =>
    observer.returned(pendingIn(value), value),
  );
}

function reportThrown(observer: CallObserver, error: unknown): void {
  guarded('the failure of a call could not be recorded', undefined, () => observer.threw(error));
}

function pendingIn(value: unknown): PendingWork {
  if (value === null || typeof value !== 'object') return 'nothing';
  if (typeof (value as PromiseLike<unknown>).then === 'function') return 'call';
  return isStream(value) || isUnreadResponse(value) ? 'stream' : 'nothing';
}

function isStream(value: object): boolean {
  return Symbol.asyncIterator in value || ('getReader' in value && typeof value.getReader === 'function');
}

function isUnreadResponse(value: object): boolean {
  const { body, bodyUsed } = value as { body?: unknown; bodyUsed?: unknown };
  return typeof body === 'object' && body !== null && bodyUsed === false && isStream(body);
}
