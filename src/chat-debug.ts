import type { ChatDebugHandle } from './handle.js';
import { NOTHING_STARTED } from './nothing-started.js';
import { processState } from './process-state.js';

/**
 * The handle of what was started in this process, by `register` or by whichever copy of this package: for code
 * that did not start it, such as a route that delivers before its platform freezes the process. Where nothing
 * was started, it does nothing.
 */
export function chatDebug(): ChatDebugHandle {
  return processState().started?.handle ?? NOTHING_STARTED;
}
