import { type CallsFigures, type CallsRow, noiseOf } from './calls-case.js';
import { ALL_VARIANTS, type CallsCaseName } from './calls-cases.js';
import type { Figures } from './figures.js';
import type { FirstFailureFigures } from './first-failure.js';
import type { InFlightFigures } from './in-flight.js';
import type { ClassifyRow, RedactRow, ScanRow } from './parts.js';
import type { StartUpFigures } from './start-up.js';
import type { Spread } from './statistics.js';
import { figure, type Table } from './table.js';
import { outcomeOf, TARGETS } from './targets.js';
import { AGAIN, AGAIN_TOO, BARE } from './variants.js';

/** The targets beside what was measured with each version of Node; those that were not measured are left out. */
export function targetsTable(all: readonly Figures[]): Table {
  const rows = TARGETS.map(({ what, target }, index) => [
    what,
    target,
    ...all.map((figures) => cell(index, figures)),
  ]);
  return {
    title: '',
    head: ['', 'Target', ...all.map(({ node }) => `Node ${node}`)],
    rows: rows.filter((row) => row.slice(2).some((text) => text !== '')),
  };
}

function cell(index: number, figures: Figures): string {
  const target = TARGETS[index];
  const outcome = target && outcomeOf(target, figures);
  if (outcome === undefined) return '';
  const { verdict, text } = outcome;
  return `${verdict === 'not met' ? '**not met**' : verdict}: ${text}`;
}

/** All else that was measured with one version of Node. */
export function tables(figures: Figures): Table[] {
  const { flight, startup, failure, parts } = figures;
  return [
    ...callsTable('openai', OPENAI_COLUMNS, figures),
    ...callsTable('AI SDK', AI_COLUMNS, figures),
    ...(flight ? [flightTable(flight)] : []),
    ...(startup ? [startUpTable(startup)] : []),
    ...(failure ? [failureTable(failure)] : []),
    ...(parts
      ? [scanTable(parts.scanned), redactTable(parts.redacted), classifyTable(parts.classified)]
      : []),
  ];
}

type Column = readonly [name: CallsCaseName, head: string];

const OPENAI_COLUMNS: readonly Column[] = [
  ['json', 'JSON 2 KB, fresh'],
  ['warm', 'JSON 2 KB, warm'],
  ['stream', '500 chunks'],
  ['long', '100,000 chunks'],
  ['parallel', '16 in parallel'],
];
const AI_COLUMNS: readonly Column[] = [
  ['ai-json', '`generateText`'],
  ['ai-stream', '`streamText`'],
];

/** One row for each variant, one column for each case: CPU time of a call over that of bare. */
function callsTable(title: string, columns: readonly Column[], figures: Figures): Table[] {
  const measured = columns.flatMap(([name, head]) => {
    const calls = figures[name];
    return calls === undefined ? [] : [{ name, head, calls }];
  });
  if (measured.length === 0) return [];
  const parallel =
    figures.parallel !== undefined && columns === OPENAI_COLUMNS ? figures.parallel : undefined;
  const variants = ALL_VARIANTS.filter(
    (variant) =>
      variant !== AGAIN_TOO && measured.some(({ calls }) => rowOf(calls, variant.name) !== undefined),
  );
  const rows = variants.map(({ name, label, sends }) => [
    name === AGAIN.name ? 'bare again: the noise' : label,
    sends,
    ...measured.map(({ calls }) => ratioCell(calls, name)),
    ...(parallel ? [p99Cell(parallel, name)] : []),
  ]);
  const rounds = measured.map(({ head, calls }) => `${head}: ${calls.rounds}`).join(', ');
  const invalid = measured.flatMap(({ calls }) => calls.invalid);
  const [first] = invalid;
  return [
    {
      title: `**${title}**: CPU time of a call, × bare (bare: µs)`,
      head: ['', 'sends', ...measured.map(({ head }) => head), ...(parallel ? ['… p99 latency'] : [])],
      rows,
      note: `Rounds: ${rounds}.${first === undefined ? '' : ` ${invalid.length} more do not count: ${first}.`}`,
    },
  ];
}

function rowOf({ rows }: CallsFigures, name: string): CallsRow | undefined {
  return rows.find(({ variant }) => variant === name);
}

function ratioCell(calls: CallsFigures, name: string): string {
  const row = rowOf(calls, name);
  if (row === undefined) return '';
  if (name === BARE.name) return `${figure(row.cpuMicros.median, 0)} µs`;
  if (name === AGAIN.name) return `± ${figure(noiseOf(calls, 'ratio'))}`;
  return figure(row.ratio.median);
}

function p99Cell(calls: CallsFigures, name: string): string {
  const row = rowOf(calls, name);
  if (row === undefined) return '';
  if (name === BARE.name) return `${figure(row.p99Millis.median, 1)} ms`;
  if (name === AGAIN.name) return `± ${figure(noiseOf(calls, 'p99Ratio'))}`;
  return figure(row.p99Ratio.median);
}

const range = ({ low, high }: Spread, digits: number): string =>
  `${figure(low, digits)} to ${figure(high, digits)}`;

function flightTable({ title, receivedBytes, rounds, rows }: InFlightFigures): Table {
  return {
    title: `**${title}**: bytes held beyond bare`,
    head: ['', 'heap', 'outside of the heap'],
    rows: rows.map(({ label, heapBytes, externalBytes }) => [
      label,
      figure(heapBytes.median, 0),
      figure(externalBytes.median, 0),
    ]),
    note: `Rounds: ${rounds}. Each call has received ${figure(receivedBytes, 0)} bytes.`,
  };
}

function startUpTable({ title, rounds, rows }: StartUpFigures): Table {
  return {
    title: `**${title}**`,
    head: ['', 'CPU ms', 'middle half', 'ms', 'resident MB', 'modules', 'of this package'],
    rows: rows.map(({ label, cpuMillis, millis, residentBytes, modules, ownModules }) => [
      label,
      figure(cpuMillis.median, 1),
      range(cpuMillis, 1),
      figure(millis.median, 1),
      figure(residentBytes.median / 2 ** 20, 1),
      String(modules.length),
      String(ownModules),
    ]),
    note: `Rounds: ${rounds}.`,
  };
}

function failureTable({ title, rounds, rows }: FirstFailureFigures): Table {
  return {
    title: `**${title}**, ms`,
    head: ['', 'before it', 'after it', 'middle half', 'by a timer', 'modules loaded'],
    rows: rows.map(({ label, before, delay, timer, modules, hasArrived }) => [
      hasArrived === false ? `${label} (did not arrive)` : label,
      figure(before.median, 0),
      figure(delay.median, 0),
      range(delay, 0),
      figure(timer.median, 0),
      String(modules),
    ]),
    note: `Rounds: ${rounds}.`,
  };
}

function scanTable(rows: readonly ScanRow[]): Table {
  return {
    title: '**The scan for the verdict** by itself, CPU',
    head: ['', 'µs a chunk', 'MB a second', 'one native search, µs a chunk'],
    rows: rows.map(({ name, microsPerChunk, megabytesPerSecond, searchMicrosPerChunk }) => [
      name,
      figure(microsPerChunk.median),
      figure(megabytesPerSecond.median, 0),
      figure(searchMicrosPerChunk.median),
    ]),
  };
}

function redactTable(rows: readonly RedactRow[]): Table {
  return {
    title: '**Redaction** by itself, CPU',
    head: ['', 'µs', '`JSON.parse` and `stringify`, µs', '×'],
    rows: rows.map(({ name, redactMicros, jsonMicros, ratio }) => [
      name,
      figure(redactMicros.median),
      figure(jsonMicros.median),
      figure(ratio.median),
    ]),
  };
}

function classifyTable(rows: readonly ClassifyRow[]): Table {
  return {
    title: '**`classifyError`** by itself, CPU',
    head: ['', 'µs'],
    rows: rows.map(({ name, micros }) => [name, figure(micros.median)]),
  };
}
