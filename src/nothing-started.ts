import type { ChatDebugHandle } from './handle.js';
import { Evictions } from './run/evictions.js';
import { NOTHING_DELIVERED } from './tracing/pipeline.js';

/** What start-up gives back where it is told to start nothing. */
export const NOTHING_STARTED: ChatDebugHandle = Object.freeze<ChatDebugHandle>({
  forceFlush: async () => {},
  shutdown: async () => {},
  stats: () => ({
    liveRuns: 0,
    bodyBytes: 0,
    runs: { started: 0, undecided: 0, kept: 0, dropped: {}, lost: {} },
    keptBudget: { fingerprints: 0, forgotten: 0, unrepresented: 0 },
    evicted: new Evictions().counts,
    stalls: { now: 0, total: 0 },
    delivery: NOTHING_DELIVERED,
  }),
  captureOf: () => Promise.resolve('off'),
  keptRuns: () => [],
});
