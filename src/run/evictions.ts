import { warn } from '../self-diagnostics.js';
import type { EvictionReason } from '../types.js';
import type { RunRecord } from './run-record.js';

const MESSAGES: Readonly<Record<EvictionReason, string>> = {
  max_runs: 'maxRuns exceeded: dropping the oldest live run',
  idle: 'idleMillis exceeded: ending a run without activity as interrupted',
  max_steps: 'maxSteps exceeded: dropping the oldest ended step of a run',
  max_attempts: 'maxAttempts exceeded: dropping attempts in the middle of a step',
  max_bytes: 'maxRunBytes or maxBytes exceeded: truncating a body',
};

/** Counts evictions by reason. Warns once a minute for each reason. */
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
    warn(MESSAGES[reason]);
  }

  get counts(): Readonly<Record<EvictionReason, number>> {
    return { ...this.#counts };
  }
}

/** The number of oldest runs searched for one that is not kept. */
const MAX_SEARCHED = 100;

/**
 * Returns the oldest run that is not kept, else the oldest.
 *
 * @param runs the oldest first
 */
export function runToEvict(runs: Iterable<RunRecord>): RunRecord | undefined {
  let oldest: RunRecord | undefined;
  let searched = 0;
  for (const run of runs) {
    if (!run.kept) return run;
    oldest ??= run;
    searched += 1;
    if (searched === MAX_SEARCHED) break;
  }
  return oldest;
}
