const SMALL = 2_048;
const TIMES = 16;

/** Between 16 and 256, as far from either as it gets. */
export const LINEAR = 64;

/** The fastest of several: what a busy machine adds is never part of it. */
function fastest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round += 1) {
    const start = process.hrtime.bigint();
    work();
    best = Math.min(best, Number(process.hrtime.bigint() - start));
  }
  return best;
}

/**
 * Time for a text of 32 KB over time for one of 2 KB, each `unit` repeated with `end` behind it: 16 where it is
 * linear, 256 where it is quadratic. Measured again where it looks bad.
 */
export function growth(unit: string, end: string, look: (text: string) => unknown): number {
  const repeated = unit.repeat(Math.ceil(SMALL / unit.length));
  const small = repeated + end;
  const large = repeated.repeat(TIMES) + end;
  const measure = () => {
    // The small one as often as it takes for the same amount of text.
    const smallTime = fastest(() => {
      for (let i = 0; i < TIMES; i += 1) look(small);
    });
    return (fastest(() => look(large)) / smallTime) * TIMES;
  };
  look(large);
  const first = measure();
  return first < LINEAR ? first : Math.min(first, measure());
}
