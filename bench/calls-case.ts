import { measureCalls, type Sample } from './caller.js';
import type { CallsCase } from './calls-cases.js';
import { type Bench, interleaved } from './schedule.js';
import { type Spread, spreadOf } from './statistics.js';
import { AGAIN, AGAIN_TOO, type Variant } from './variants.js';

/** What a call cost in one variant; ratios and additions compare with bare in the same round. */
export interface CallsRow {
  readonly variant: string;
  readonly label: string;
  readonly sends: Variant['sends'];
  readonly loaded: 'none' | 'ours' | 'rival';
  readonly cpuMicros: Spread;
  readonly p99Millis: Spread;
  readonly ratio: Spread;
  readonly addedMicros: Spread;
  readonly p99Ratio: Spread;
  readonly sentBytes: number;
}

/** What the same calls cost in each variant, the bare one first. */
export interface CallsFigures {
  readonly title: string;
  readonly rounds: number;
  /** What was wrong with each round that does not count. */
  readonly invalid: readonly string[];
  readonly rows: readonly CallsRow[];
}

export async function callsFigures(calls: CallsCase, bench: Bench): Promise<CallsFigures> {
  const rounds = await interleaved(calls.title, calls.variants, bench, (variant) =>
    measureCalls(variant, calls, bench),
  );
  const wrong = rounds.map((round) => round.find(({ invalid }) => invalid !== undefined)?.invalid);
  const valid = rounds.filter((_, index) => wrong[index] === undefined);
  if (valid.length === 0) throw new Error(`${calls.title}: no round is valid; ${wrong[0]}`);
  return {
    title: calls.title,
    rounds: valid.length,
    invalid: wrong.filter((reason) => reason !== undefined),
    rows: calls.variants.map((variant, index) => rowOf(variant, index, valid)),
  };
}

function rowOf(
  { name, label, sends, ours, rival }: Variant,
  index: number,
  rounds: readonly Sample[][],
): CallsRow {
  const of = (figure: (own: Sample, bare: Sample) => number): Spread =>
    spreadOf(
      rounds.map((round) => {
        const [own, bare] = [round[index], round[0]];
        return own === undefined || bare === undefined ? Number.NaN : figure(own, bare);
      }),
    );
  return {
    variant: name,
    label,
    sends,
    loaded: ours ? 'ours' : rival ? 'rival' : 'none',
    cpuMicros: of((own) => own.cpuMicrosPerCall),
    p99Millis: of((own) => own.p99Millis),
    ratio: of((own, bare) => own.cpuMicrosPerCall / bare.cpuMicrosPerCall),
    addedMicros: of((own, bare) => own.cpuMicrosPerCall - bare.cpuMicrosPerCall),
    p99Ratio: of((own, bare) => own.p99Millis / bare.p99Millis),
    sentBytes: of((own) => own.sentBytesPerCall).median,
  };
}

/** The furthest from 1 that the middle half of the rounds lies of a bare process beside another one. */
export function noiseOf({ rows }: CallsFigures, figure: 'ratio' | 'p99Ratio'): number {
  const again = rows.filter(({ variant }) => variant === AGAIN.name || variant === AGAIN_TOO.name);
  return Math.max(...again.flatMap((row) => [Math.abs(row[figure].low - 1), Math.abs(row[figure].high - 1)]));
}
