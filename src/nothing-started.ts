import type { ChatDebugHandle } from './handle.js';
import { Evictions } from './run/evictions.js';
import { NOTHING_DELIVERED } from './tracing/pipeline.js';
import type { Step } from './types.js';

/** The handle of a start that is disabled. */
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
  liveRuns: () => [],
  watchRuns: async function* () {},
});

/** The step of an application that records nothing. */
export const UNRECORDED_STEP: Step = Object.freeze({
  number: 0,
  fail() {},
  interrupt() {},
  complete() {},
  usage() {},
});
