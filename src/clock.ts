const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, performance } = globalThis;
const now = performance.now.bind(performance);

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
let timeline = new Timeline(performance.timeOrigin);

/**
 * The anchor for a run that starts now. All runs have the same until the system clock moves away from it: with
 * an anchor each, they would be put into an order that they did not have.
 */
export function currentTimeline(): Timeline {
  if (!timeline.holds) timeline = new Timeline(epochMillis() - now());
  return timeline;
}
