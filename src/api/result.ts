import { types } from 'node:util';
import { guarded } from '../self-diagnostics.js';
import type { Left } from '../step/step-record.js';

/** What is done when a watched function is over. */
export interface Ends {
  /** It returned, or its promise resolved with `value`, leaving behind what `left` says. */
  returned(left: Left, value: unknown): void;
  /** It threw, or its promise was rejected. */
  threw(error: unknown): void;
}

/**
 * Calls a function of the application's and tells `ends` how it ended. Gives back what it gives back and
 * throws the very error it throws.
 *
 * To be called inside the context of the run or step: what follows the promise then keeps no other context alive.
 *
 * A plain promise is followed by one of the same outcome. A thenable of an SDK's own (`APIPromise` of
 * `openai`, say) is given back untouched: it has methods that a promise lacks, and its `then` reads the body.
 */
export function watchResult<T>(call: () => T, ends: Ends): T {
  let result: T;
  try {
    result = call();
  } catch (error) {
    tellThrown(ends, error);
    throw error;
  }
  if (isPlainPromise(result)) {
    // These two closures are all that a call under way holds of this function.
    return result.then(
      (value) => {
        tellReturned(ends, value);
        return value;
      },
      (error: unknown) => {
        tellThrown(ends, error);
        throw error;
      },
    ) as T;
  }
  tellReturned(ends, result);
  return result;
}

function tellReturned(ends: Ends, value: unknown): void {
  guarded('the end of a call could not be recorded', undefined, () => ends.returned(leftBy(value), value));
}

function tellThrown(ends: Ends, error: unknown): void {
  guarded('the failure of a call could not be recorded', undefined, () => ends.threw(error));
}

/** A promise of whatever realm, whose prototype is `Promise.prototype` itself, without methods of its own (as ky's has). */
function isPlainPromise(value: unknown): value is Promise<unknown> {
  // Node.js gives a promise symbols of its own, but no names.
  if (!types.isPromise(value) || Object.getOwnPropertyNames(value).length > 0) return false;
  const objectPrototype: object | null = Object.getPrototypeOf(Object.getPrototypeOf(value));
  return objectPrototype !== null && Object.getPrototypeOf(objectPrototype) === null;
}

function leftBy(value: unknown): Left {
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
