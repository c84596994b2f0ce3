import { invalidRounds, type Report, type Row } from './report.js';
import { type Bench, measureRounds, type Round } from './rounds.js';
import { spreadOf } from './statistics.js';
import { figure, table } from './table.js';
import { ERRORS_NO_CODE, FULL_NO_CODE } from './variants.js';
import { type TitledWork, variantsOf } from './works.js';

/** The same call in every variant. */
export async function measureCalls(work: TitledWork, bench: Bench): Promise<Report> {
  const variants = variantsOf(work, bench.rivals);
  const rounds = Math.ceil(bench.rounds * work.shareOfRounds);
  const [measured] = await measureRounds({ what: work.title, variants, works: [work] }, { ...bench, rounds });
  if (measured === undefined) throw new Error(`${work.title}: nothing was measured`);
  const { valid, invalid, heldBytes } = measured;
  const rows = variants.map(({ name, label, records, ours, rival }, index): Row => {
    const of = (figureOf: (round: Round) => number) => spreadOf(valid.map(figureOf));
    const cpu = (round: Round, at: number): number => round[at]?.cpuMicrosPerCall ?? Number.NaN;
    return {
      variant: name,
      label,
      records,
      loaded: ours ? 'ours' : rival ? 'rival' : 'none',
      cpuMicrosPerCall: of((round) => cpu(round, index)),
      ratio: of((round) => cpu(round, index) / cpu(round, 0)),
      addedMicrosPerCall: of((round) => cpu(round, index) - cpu(round, 0)),
      heldBytesPerRun: work.held ? (heldBytes[index] ?? 0) - (heldBytes[0] ?? 0) : undefined,
      exportedBytesPerCall: of((round) => round[index]?.exportedBytesPerCall ?? 0).median,
    };
  });
  const calls = work.calls === 1 ? 'one call' : `${work.calls} calls`;
  const head = `${work.title}: ${valid.length} rounds of ${calls}`;
  return {
    text: [`${head}\n\n${rowsText(rows)}`, ...comparisons(rows), ...invalidRounds(invalid)].join('\n'),
    bars: { title: work.title, rows },
    data: { title: work.title, rounds: valid.length, callsPerRound: work.calls, invalid, rows },
  };
}

function rowsText(rows: readonly Row[]): string {
  return table(
    ['', 'CPU µs/call', 'added µs', '× bare', 'middle half', 'bytes held', 'bytes sent', 'sends'],
    rows.map((row, index) => {
      const { label, cpuMicrosPerCall, addedMicrosPerCall, ratio, heldBytesPerRun } = row;
      const bare = index === 0;
      return [
        label,
        figure(cpuMicrosPerCall.median, 0),
        bare ? '' : figure(addedMicrosPerCall.median, 0),
        figure(ratio.median, 3),
        bare ? '' : `${figure(ratio.low, 3)} to ${figure(ratio.high, 3)}`,
        bare || heldBytesPerRun === undefined ? '' : figure(heldBytesPerRun, 0),
        figure(row.exportedBytesPerCall, 0),
        row.records,
      ];
    }),
  );
}

/** Ours that needs no code beside the cheapest of the others, and of those that send what was said. */
function comparisons(rows: readonly Row[]): string[] {
  const rivals = rows.filter(({ loaded }) => loaded === 'rival');
  const withContent = rivals.filter(({ records }) => records === 'content');
  return [
    ...beside(ERRORS_NO_CODE.name, 'the cheapest of the others', rivals, rows),
    ...beside(FULL_NO_CODE.name, 'the cheapest that sends content', withContent, rows),
  ];
}

function beside(name: string, what: string, others: readonly Row[], rows: readonly Row[]): string[] {
  const added = (row: Row): number => row.addedMicrosPerCall.median;
  const ours = rows.find(({ variant }) => variant === name);
  const [cheapest] = others.toSorted((a, b) => added(a) - added(b));
  if (ours === undefined || cheapest === undefined) return [];
  const again = rows[1]?.addedMicrosPerCall;
  const noise = Math.max(Math.abs(again?.low ?? 0), Math.abs(again?.high ?? 0));
  const heard = [ours, cheapest].every((row) => added(row) > noise);
  const share = heard ? `: ${figure(added(ours) / added(cheapest), 2)} ×` : ', not both above the noise';
  return [
    `${ours.label}: ${figure(added(ours), 0)} µs; ${what}, ${cheapest.label}: ${figure(added(cheapest), 0)} µs${share}`,
  ];
}
