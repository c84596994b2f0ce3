import { processState } from '../process-state.js';
import type { Run, RunOptions } from '../types.js';
import { openRun } from './open-run.js';
import { watchResult } from './result.js';
import { RecordedRun, UnrecordedRun } from './run-handle.js';

/**
 * Calls `fn` as one run: model calls inside it become its steps. Before start-up, or where this run is not
 * captured, it just calls `fn`.
 *
 * The run ends when `fn` has settled and none of its steps is open. Where `fn` gives back a stream (a
 * `Response` with a body, a `ReadableStream`, an async iterable), it also waits for `lingerMillis` without a
 * new step, since the model may not have answered yet; its end is that of its last activity all the same.
 *
 * An async generator that `fn` gives back stays in the run wherever it is consumed; what it throws is the
 * run's error. Of other streams, call the parts that ask the model later by `run.with(fn)`.
 *
 * @param options what is recorded of the run; a value that can't be used is left out, with a warning
 * @returns what `fn` returns; what it throws is thrown on and taken as the run's error
 */
export function withRun<T>(options: RunOptions, fn: (run: Run) => T): T {
  const record = openRun(options);
  const { scope } = processState();
  if (record === undefined) {
    const run = new UnrecordedRun(options?.runId);
    return run.with(() => fn(run));
  }
  const run = new RecordedRun(record);
  return scope.run({ run: record }, () => watchResult(() => fn(run), run));
}
