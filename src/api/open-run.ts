import { processState } from '../process-state.js';
import { checkedRunOptions } from '../run/run-options.js';
import type { RunRecord } from '../run/run-record.js';
import { guarded } from '../self-diagnostics.js';
import type { RunOptions } from '../types.js';

/** Opens (or joins) a run below the one in the context; `undefined` where nothing is recorded. */
export function openRun(options: RunOptions): RunRecord | undefined {
  const { started, scope } = processState();
  if (started === undefined) return undefined;
  return guarded('a run could not be opened', undefined, () =>
    started.runs.open(checkedRunOptions(options), scope.getStore()?.run),
  );
}
