import type { Run, RunOptions } from '../types.js';
import { openRun } from './open-run.js';
import { RecordedRun, UnrecordedRun } from './run-handle.js';

/**
 * Opens a run by hand, for code that no one function encloses: call its parts by `run.with(fn)`, tell a
 * failure by `run.fail(error)`, and end it by `run.end()`. A run that is never ended is given up after
 * `idleMillis` without activity.
 *
 * @param options as for `withRun`
 */
export function startRun(options: RunOptions): Run {
  const record = openRun(options);
  return record === undefined ? new UnrecordedRun(options?.runId) : new RecordedRun(record);
}
