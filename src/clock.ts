/** `performance.now` would load a module at start-up. Edge runtimes have no `process.hrtime` and need the time of day only. */
const hrtime = globalThis.process?.hrtime;

function now(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/**
 * The timers of this process, captured at start-up: tests of an application replace the global functions, and those
 * of `node:timers`, with fake ones.
 */
export const timers = {
  // By these names, which the build for edge runtimes replaces.
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
} as const;

/** Returns the monotonic time in milliseconds. */
export function monotonicMillis(): number {
  return now();
}

/** Returns the time of day in milliseconds since the epoch. Fake clocks in tests do not change it. */
export const epochMillis: () => number = Date.now;

/**
 * Converts monotonic times into times of day with one anchor. A change of the system clock during a run cannot put an
 * attempt outside its step.
 */
export class Timeline {
  constructor(private readonly offset: number) {}

  /** Converts a monotonic time into milliseconds since the epoch. */
  epochMillis(at: number): number {
    return this.offset + at;
  }

  /** Whether the system clock agrees, within its resolution. */
  get holds(): boolean {
    return Math.abs(epochMillis() - now() - this.offset) <= TOLERANCE_MILLIS;
  }
}

/** The system clock has a resolution of one millisecond. */
const TOLERANCE_MILLIS = 2;
let timeline: Timeline | undefined;

/**
 * Returns the anchor for a new run. Runs share one until the system clock is changed: with an anchor each, runs could
 * appear in the wrong order.
 */
export function currentTimeline(): Timeline {
  timeline ??= firstTimeline();
  if (!timeline.holds) timeline = new Timeline(epochMillis() - now());
  return timeline;
}

/** The start of the process is known to a fraction of a millisecond. */
function firstTimeline(): Timeline {
  const { performance } = require('node:perf_hooks') as typeof import('node:perf_hooks');
  return new Timeline(performance.timeOrigin + performance.now() - now());
}
