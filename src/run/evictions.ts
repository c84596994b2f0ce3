import { warn } from '../self-diagnostics.js';
import type { EvictionReason } from '../types.js';
import type { RunRecord } from './run-record.js';

const WORDS: Readonly<Record<EvictionReason, string>> = {
  max_runs: 'more runs are under way than maxRuns: the oldest is given up',
  idle: 'a run was without activity for idleMillis: it is given up as interrupted',
  max_steps: 'a run has more ended steps than maxSteps: the oldest is let go',
  max_attempts: 'a step has more attempts than maxAttempts: some in the middle are let go',
  max_bytes: 'bodies need more memory than maxRunBytes or maxBytes allow: one is cut',
};

/** Counts by reason what was let go because of a bound, and tells `diag` of each reason once a minute. */
export class Evictions {
  readonly #counts: Record<EvictionReason, number> = {
    max_runs: 0,
    idle: 0,
    max_steps: 0,
    max_attempts: 0,
    max_bytes: 0,
  };

  add(reason: EvictionReason, count = 1): void {
    if (count === 0) return;
    this.#counts[reason] += count;
    warn(WORDS[reason]);
  }

  get counts(): Readonly<Record<EvictionReason, number>> {
    return { ...this.#counts };
  }
}

/** How many of the oldest runs are looked at for one that can be given up without loss. */
const SEARCHED = 100;

/** Of live runs, the oldest first, the one to give up: the oldest that is not kept, else the oldest. */
export function leastWanted(runs: Iterable<RunRecord>): RunRecord | undefined {
  let oldest: RunRecord | undefined;
  let searched = 0;
  for (const run of runs) {
    if (!run.kept) return run;
    oldest ??= run;
    searched += 1;
    if (searched === SEARCHED) break;
  }
  return oldest;
}
