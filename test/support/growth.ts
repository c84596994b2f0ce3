const SMALL = 2_048;
const TIMES = 16;

/** Between 16, which is linear, and 256, which is quadratic. */
export const LINEAR = 64;

/**
 * The minimum processor time of several rounds, in microseconds. Other processes do not count, and garbage collection
 * and compilation in this process slow down some rounds, never all.
 */
export function leastTime(work: () => void, rounds = 5): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, user + system);
  }
  return Math.max(1, least);
}

/**
 * The time for a text of 32 KB over the time for one of 2 KB, each `unit` repeated and followed by `end`: 16 if it
 * is linear, 256 if it is quadratic. Measured again if it is not linear.
 */
export function growth(unit: string, end: string, look: (text: string) => unknown): number {
  const repeated = unit.repeat(Math.ceil(SMALL / unit.length));
  const small = repeated + end;
  const large = repeated.repeat(TIMES) + end;
  const measure = () => {
    // The small one as often as needed for the same amount of text.
    const smallTime = leastTime(() => {
      for (let i = 0; i < TIMES; i += 1) look(small);
    });
    return (leastTime(() => look(large)) / smallTime) * TIMES;
  };
  look(large);
  const first = measure();
  return first < LINEAR ? first : Math.min(first, measure());
}
