import type { Servers } from './caller.js';
import type { Progress } from './progress.js';

/** What all cases are given. */
export interface Bench {
  /** The program whose figures these are. */
  readonly node: string;
  readonly servers: Servers;
  readonly progress: Progress;
  readonly profile: string | undefined;
  /** When the case should be over, in the time of `performance.now()`. */
  readonly deadline: number;
  readonly minRounds: number;
}

/**
 * Measures all of one kind in turn, round by round, until the deadline, and at least `minRounds` times. Each round
 * begins with another one, and every second goes the other way round: the first process of a round can be 10 % slower
 * than the same one later.
 *
 * @returns the rounds, each in the order of `items`
 */
export async function interleaved<Item, Sample>(
  what: string,
  items: readonly Item[],
  { progress, deadline, minRounds }: Bench,
  measure: (item: Item) => Promise<Sample>,
): Promise<Sample[][]> {
  const rounds: Sample[][] = [];
  const start = performance.now();
  const hasTime = (): boolean => {
    const now = performance.now();
    const round = (now - start) / Math.max(1, rounds.length);
    return rounds.length < minRounds || now + round <= deadline;
  };
  while (hasTime()) {
    const samples = new Map<number, Sample>();
    for (const index of order(items.length, rounds.length)) {
      progress.show(`${what}, round ${rounds.length + 1}: ${samples.size + 1} of ${items.length}`);
      const item = items[index];
      if (item !== undefined) samples.set(index, await measure(item));
    }
    rounds.push([...samples].sort(([a], [b]) => a - b).map(([, sample]) => sample));
  }
  progress.clear();
  return rounds;
}

/** Starts that lie far apart from one round to the next, however few rounds there are. */
const GOLDEN_RATIO = 0.618;

function order(length: number, round: number): number[] {
  const first = Math.floor(((round * GOLDEN_RATIO) % 1) * length);
  const indexes = Array.from({ length }, (_, at) => (first + at) % length);
  return round % 2 === 0 ? indexes : indexes.reverse();
}
