import type { Run, RunOptions } from '../types.js';

/** Where there is no generator of random numbers: in a browser, outside a secure context. */
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** What the application holds of a run here. */
export function unrecordedRun(options: RunOptions | undefined): Run {
  return {
    id: options?.runId ?? globalThis.crypto?.randomUUID?.() ?? NIL_UUID,
    traceId: undefined,
    with: (fn) => fn(),
    fail() {},
    end() {},
  };
}
