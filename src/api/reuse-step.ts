import { processState } from '../process-state.js';
import type { SharedStep } from '../run/scope.js';
import { watchResult } from './result.js';

/**
 * Calls `fn` such that all steps opened inside it, in the run of this context, are one step: for a retry
 * loop of the application's own (reference row R8). A success after a failure clears the error.
 *
 * @returns what `fn` returns; what it throws is thrown on
 */
export function reuseStep<T>(fn: () => T): T {
  const { started, scope } = processState();
  const current = started && scope.getStore();
  if (current?.run === undefined || current.step !== undefined || current.shared !== undefined) return fn();
  const shared: SharedStep = { step: undefined };
  const release = (): void => shared.step?.release();
  return scope.run({ run: current.run, shared }, () =>
    watchResult(fn, { returned: release, threw: release }),
  );
}
