import type { ChatDebugHandle } from './handle.js';
import { NOTHING_STARTED } from './nothing-started.js';
import { processState } from './process-state.js';

/**
 * Returns the handle of the recording in this process, whether `register` or code started it, through any copy of
 * this package. For code that did not start it, such as a route that delivers before its platform freezes the
 * process. If nothing was started, the handle does nothing.
 */
export function chatDebug(): ChatDebugHandle {
  return processState().started?.handle ?? NOTHING_STARTED;
}
