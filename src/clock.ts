/** Monotonic time in milliseconds: everything within a run is measured in it. */
export function monotonicMillis(): number {
  return performance.now();
}

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
    return Math.abs(Date.now() - performance.now() - this.offset) <= TOLERANCE_MILLIS;
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
  if (!timeline.holds) timeline = new Timeline(Date.now() - performance.now());
  return timeline;
}
