import type { LiveRunsOptions } from '../run/live-runs.js';
import type { ChatDebugConfig } from './config.js';

const TICKS_PER_TIMEOUT = 20;
const LONGEST_TICK_MILLIS = 1_000;

/** The bounds of live runs, with each time-out in ticks of one clock: a twentieth of the shortest, a second at most. */
export function liveRunsOptions(config: ChatDebugConfig): LiveRunsOptions {
  const { capture, captureFor, maxAttempts, maxBodyBytes, maxRunBytes, maxBytes, maxRuns } = config;
  const { lingerMillis, idleMillis, stallMillis } = config;
  const shortest = Math.min(lingerMillis, idleMillis, stallMillis || idleMillis) / TICKS_PER_TIMEOUT;
  const tickMillis = Math.min(LONGEST_TICK_MILLIS, Math.max(1, Math.floor(shortest)));
  const ticks = (millis: number): number => Math.ceil(millis / tickMillis);
  return {
    capture,
    captureFor,
    maxRuns,
    maxRunBytes,
    maxBytes,
    reservesTraceIds: config.pipeline === 'own',
    writesAll: config.keep.decide === 'collector',
    tickMillis,
    limits: {
      maxAttempts,
      maxBodyBytes,
      lingerTicks: ticks(lingerMillis),
      idleTicks: ticks(idleMillis),
      stallMillis,
      tickMillis,
    },
  };
}
