import { type CallsFigures, type CallsRow, noiseOf } from './calls-case.js';
import { ALL_VARIANTS, type CallsCaseName } from './calls-cases.js';
import { type Figures, figure, type Spread, type Table } from './figures.js';
import type { FirstFailureFigures } from './first-failure.js';
import type { InFlightFigures } from './in-flight.js';
import type { ClassifyRow, RedactRow, ScanRow } from './parts.js';
import type { StartUpFigures } from './start-up.js';
import { outcomeOf, TARGETS } from './targets.js';
import {
  AGAIN,
  AGAIN_TOO,
  BARE,
  ERRORS,
  ERRORS_RUN,
  FULL,
  OPENLLMETRY,
  UNDICI,
  type Variant,
} from './variants.js';

/** The targets and the results of each Node.js version. Targets without results are omitted. */
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

const SUMMARY = [BARE, AGAIN, ERRORS, ERRORS_RUN, UNDICI, FULL, OPENLLMETRY];

/** The CPU time of the most common calls relative to the baseline, for a selection of variants. */
export function summaryTable(all: readonly Figures[]): Table {
  const columns = all.flatMap(({ node, json, stream }) => [
    ...(json ? [{ head: `JSON, Node ${major(node)}`, calls: json }] : []),
    ...(stream ? [{ head: `stream, Node ${major(node)}`, calls: stream }] : []),
  ]);
  return {
    title: '',
    head: ['', ...columns.map(({ head }) => head)],
    rows: SUMMARY.map((variant) => [
      labelOf(variant),
      ...columns.map(({ calls }) => ratioCell(calls, variant.name)),
    ]),
  };
}

const labelOf = ({ name, label }: Variant): string =>
  name === AGAIN.name ? 'baseline repeated: the noise' : label;

const major = (node: string): string => node.split('.')[0] ?? node;

/** All figures of one Node.js version. */
export function tables(figures: Figures): Table[] {
  const { flight, startup, failure, parts } = figures;
  return [
    ...callsTable('openai', OPENAI_COLUMNS, figures),
    ...callsTable('AI SDK', AI_COLUMNS, figures),
    ...callsTable('node:http', HTTP_COLUMNS, figures),
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
  ['gzip', 'the same with gzip'],
  ['warm', 'JSON 2 KB, warm'],
  ['stream', '500 chunks'],
  ['long', '100,000 chunks'],
  ['parallel', '16 in parallel'],
];
const AI_COLUMNS: readonly Column[] = [
  ['ai-json', '`generateText`'],
  ['ai-stream', '`streamText`'],
];

const HTTP_COLUMNS: readonly Column[] = [
  ['http', 'model call'],
  ['http-other', 'other request'],
];

/** CPU time per call relative to the baseline: one row per variant, one column per case. */
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
  const rows = variants.map((variant) => [
    labelOf(variant),
    variant.sends,
    ...measured.map(({ calls }) => ratioCell(calls, variant.name)),
    ...(parallel ? [p99Cell(parallel, variant.name)] : []),
  ]);
  const rounds = measured.map(({ head, calls }) => `${head}: ${calls.rounds}`).join(', ');
  const invalid = measured.flatMap(({ calls }) => calls.invalid);
  const [first] = invalid;
  return [
    {
      title: `**${title}**: CPU time per call relative to the baseline (baseline in µs)`,
      head: [
        '',
        'sends',
        ...measured.map(({ head }) => head),
        ...(parallel ? ['p99 latency, 16 in parallel'] : []),
      ],
      rows,
      note: `Rounds: ${rounds}.${first === undefined ? '' : ` Invalid rounds: ${invalid.length}, for example ${first}.`}`,
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
    title: `**${title}**: bytes held beyond the baseline`,
    head: ['', 'heap', 'outside the heap'],
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
    head: ['', 'CPU ms', 'interquartile range', 'ms', 'resident MB', 'modules', 'of this package'],
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
    head: ['', 'before', 'after', 'interquartile range', 'timer', 'modules loaded'],
    rows: rows.map(({ label, before, delay, timer, modules, hasArrived }) => [
      hasArrived === false ? `${label} (not received)` : label,
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
    title: '**Scan of response chunks**, CPU',
    head: ['', 'µs per chunk', 'MB per second', 'a single native search, µs per chunk'],
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
    title: '**Redaction**, CPU',
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
    title: '**`classifyError`**, CPU',
    head: ['', 'µs'],
    rows: rows.map(({ name, micros }) => [name, figure(micros.median)]),
  };
}
