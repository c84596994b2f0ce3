import { invalidRounds, type Report } from './report.js';
import { type Bench, measureRounds, type Round } from './rounds.js';
import { type Spread, spreadOf } from './statistics.js';
import { figure, table } from './table.js';
import { BARE, FULL } from './variants.js';
import type { Work } from './works.js';

/** Of the provider that sends that many chunks, with calls and warm-ups enough for a steady figure. */
const WORKS: readonly Work[] = [
  { chunks: 10, calls: 200, warmUps: 6 },
  { chunks: 100, calls: 50, warmUps: 6 },
  { chunks: 1_000, calls: 10, warmUps: 6 },
  { chunks: 10_000, calls: 2, warmUps: 4 },
  { chunks: 100_000, calls: 1, warmUps: 1 },
].map((work) => ({ ...work, kind: 'stream', path: `stream/${work.chunks}`, parts: 1, held: 0 }));

/** A round takes seconds: the case would take most of the bench's time. */
const SHARE_OF_ROUNDS = 0.5;

interface Row {
  readonly chunks: number;
  readonly bareMicrosPerChunk: number;
  readonly fullMicrosPerChunk: number;
  readonly addedMicrosPerCall: Spread;
  readonly addedMicrosPerChunk: Spread;
  readonly ratio: Spread;
}

/** Whether a chunk costs the same however many there are. */
export async function measureChunks(bench: Bench): Promise<Report> {
  const rounds = Math.ceil(bench.rounds * SHARE_OF_ROUNDS);
  const plan = { what: 'chunks', variants: [BARE, FULL], works: WORKS };
  const measured = await measureRounds(plan, { ...bench, rounds });
  const rows = measured.map(({ work, valid }) => rowOf(work.chunks, valid));
  const invalid = measured.flatMap((each) => each.invalid);
  const title = `Streams by length, full capture beside bare: ${rounds} rounds`;
  return {
    text: [`${title}\n\n${rowsText(rows)}`, ...invalidRounds(invalid)].join('\n'),
    data: { title, rounds, invalid, rows },
  };
}

function rowOf(chunks: number, rounds: readonly Round[]): Row {
  const of = (figureOf: (bare: number, full: number) => number): Spread =>
    spreadOf(
      rounds.map(([bare, full]) => figureOf(bare?.cpuMicrosPerCall ?? NaN, full?.cpuMicrosPerCall ?? NaN)),
    );
  return {
    chunks,
    bareMicrosPerChunk: of((bare) => bare / chunks).median,
    fullMicrosPerChunk: of((_, full) => full / chunks).median,
    addedMicrosPerCall: of((bare, full) => full - bare),
    addedMicrosPerChunk: of((bare, full) => (full - bare) / chunks),
    ratio: of((bare, full) => full / bare),
  };
}

function rowsText(rows: readonly Row[]): string {
  return table(
    ['chunks', 'bare µs/chunk', 'full µs/chunk', 'added µs/chunk', 'middle half', 'added µs/call', '× bare'],
    rows.map((row) => [
      figure(row.chunks, 0),
      figure(row.bareMicrosPerChunk),
      figure(row.fullMicrosPerChunk),
      figure(row.addedMicrosPerChunk.median),
      `${figure(row.addedMicrosPerChunk.low)} to ${figure(row.addedMicrosPerChunk.high)}`,
      figure(row.addedMicrosPerCall.median, 0),
      figure(row.ratio.median, 3),
    ]),
  );
}
