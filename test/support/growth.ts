const SMALL = 2_048;
const TIMES = 16;

/** Between 16, which is linear, and 256, which is quadratic. */
export const LINEAR = 64;

/** The minimum time of several rounds, in nanoseconds: a busy machine slows down some rounds, never all. */
export function leastTime(work: () => void, rounds = 5): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const start = process.hrtime.bigint();
    work();
    least = Math.min(least, Number(process.hrtime.bigint() - start));
  }
  return least;
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
