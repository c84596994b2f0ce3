import type { Work } from './calls.js';
import { invalidRounds, type Report } from './report.js';
import { type Bench, measureRounds, type Round } from './rounds.js';
import { type Spread, spreadOf } from './statistics.js';
import { figure, table } from './table.js';
import { VARIANTS } from './variants.js';

interface Row {
  readonly variant: string;
  readonly label: string;
  readonly cpuMicrosPerCall: Spread;
  /** To the first variant, in the same round. */
  readonly ratio: Spread;
  readonly addedMicrosPerCall: Spread;
  /** More than bare holds. */
  readonly heldBytesPerRun: number;
  readonly exportedBytesPerCall: number;
}

/** The same call in every variant. */
export async function measureCalls(title: string, work: Work, bench: Bench): Promise<Report> {
  const [measured] = await measureRounds({ what: work.kind, variants: VARIANTS, works: [work] }, bench);
  if (measured === undefined) throw new Error(`${title}: nothing was measured`);
  const { valid, invalid, heldBytes } = measured;
  const rows = VARIANTS.map(({ name, label }, index): Row => {
    const of = (figureOf: (round: Round) => number) => spreadOf(valid.map(figureOf));
    const cpu = (round: Round, at: number): number => round[at]?.cpuMicrosPerCall ?? Number.NaN;
    return {
      variant: name,
      label,
      cpuMicrosPerCall: of((round) => cpu(round, index)),
      ratio: of((round) => cpu(round, index) / cpu(round, 0)),
      addedMicrosPerCall: of((round) => cpu(round, index) - cpu(round, 0)),
      heldBytesPerRun: (heldBytes[index] ?? 0) - (heldBytes[0] ?? 0),
      exportedBytesPerCall: of((round) => round[index]?.exportedBytesPerCall ?? 0).median,
    };
  });
  const head = `${title}: ${valid.length} rounds of ${work.calls} calls`;
  return {
    text: `${head}\n\n${rowsText(rows)}${invalidRounds(invalid)}`,
    data: { title, rounds: valid.length, callsPerRound: work.calls, invalid, rows },
  };
}

function rowsText(rows: readonly Row[]): string {
  return table(
    ['', 'CPU µs/call', '× bare', 'middle half', 'bytes held', 'bytes sent'],
    rows.map(({ label, cpuMicrosPerCall, ratio, heldBytesPerRun, exportedBytesPerCall }, index) => [
      label,
      figure(cpuMicrosPerCall.median, 0),
      figure(ratio.median, 3),
      index === 0 ? '' : `${figure(ratio.low, 3)} to ${figure(ratio.high, 3)}`,
      index === 0 ? '' : figure(heldBytesPerRun, 0),
      figure(exportedBytesPerCall, 0),
    ]),
  );
}
