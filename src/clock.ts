const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = globalThis;
/** Not `performance.now`, which loads a module at start-up. Edge runtimes have none and need the time of day alone. */
const hrtime = globalThis.process?.hrtime;

function now(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/**
 * The timers of this process, taken when this module loads, at start-up: tests of an application put fake ones in
 * the place of the global functions, and of those of `node:timers`.
 */
export const timers = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } as const;

/** Monotonic time in milliseconds: everything within a run is measured in it. */
export function monotonicMillis(): number {
  return now();
}

/** The time of day in milliseconds since the epoch, also where an application's tests stop the clock. */
export const epochMillis: () => number = Date.now;

/**
 * Turns monotonic times into times of day by one anchor, so that a step of the system clock within a run
 * cannot put an attempt outside its step.
 */
export class Timeline {
  constructor(private readonly offset: number) {}

  /** Milliseconds since the epoch of a monotonic time. */
  epochMillis(at: number): number {
    return this.offset + at;
  }

  /** Whether the system clock still shows what this says, within what it can show. */
  get holds(): boolean {
    return Math.abs(epochMillis() - now() - this.offset) <= TOLERANCE_MILLIS;
  }
}

/** The system clock is read in whole milliseconds. */
const TOLERANCE_MILLIS = 2;
let timeline: Timeline | undefined;

/**
 * The anchor for a run that starts now. All runs have the same until the system clock moves away from it: with
 * an anchor each, they would be put into an order that they did not have.
 */
export function currentTimeline(): Timeline {
  timeline ??= firstTimeline();
  if (!timeline.holds) timeline = new Timeline(epochMillis() - now());
  return timeline;
}

/** The time of day to a fraction of a millisecond is known of the start of the process. */
function firstTimeline(): Timeline {
  const { performance } = require('node:perf_hooks') as typeof import('node:perf_hooks');
  return new Timeline(performance.timeOrigin + performance.now() - now());
}
