import type { Spread } from './statistics.js';
import type { Variant } from './variants.js';

/** What a case found: for people, for `--json`, and for the chart where it is of that kind. */
export interface Report {
  readonly text: string;
  readonly data: object;
  readonly bars?: Bars;
}

/** What a call cost in each variant, the bare one first. */
export interface Bars {
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly variant: string;
  readonly label: string;
  readonly records: Variant['records'];
  /** Which package is. */
  readonly loaded: 'none' | 'ours' | 'rival';
  readonly cpuMicrosPerCall: Spread;
  /** To the first variant, in the same round. */
  readonly ratio: Spread;
  readonly addedMicrosPerCall: Spread;
  /** More than bare holds, where it was looked at. */
  readonly heldBytesPerRun: number | undefined;
  readonly exportedBytesPerCall: number;
}

/** Says which rounds did not count, where any did not. */
export function invalidRounds(invalid: readonly string[]): string[] {
  const [first] = invalid;
  return first === undefined ? [] : [`${invalid.length} rounds were invalid and do not count: ${first}.`];
}
