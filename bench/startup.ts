import { execFile } from 'node:child_process';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { profileArguments } from './peer.js';
import type { Report } from './report.js';
import type { Bench } from './rounds.js';
import { type Spread, spreadOf } from './statistics.js';
import { figure, table } from './table.js';

/** What bench/startup-app.mjs says of a moment. */
interface Look {
  readonly millis: number;
  readonly cpuMillis: number;
  readonly residentBytes: number;
  readonly modules: readonly string[];
}

interface Row {
  readonly label: string;
  readonly addedMillis: Spread;
  readonly addedCpuMillis: Spread;
  readonly addedResidentBytes: Spread;
  /** Beyond those loaded before; relative to node_modules, or to this package. */
  readonly modules: readonly string[];
}

const REGISTER = 'opentelemetry-instrumentation-chatdebug/register';
const EMPTY = { name: 'empty', nodeOptions: [], keep: false };
const START_UPS = [
  EMPTY,
  { ...EMPTY, name: 'empty-again' },
  { ...EMPTY, name: 'import', nodeOptions: ['--import', REGISTER] },
  { ...EMPTY, name: 'require', nodeOptions: ['--require', REGISTER] },
  { name: 'keep', nodeOptions: ['--import', REGISTER], keep: true },
] as const;

/** What start-up adds to an application that is otherwise empty, and what writing the first run adds later. */
export async function measureStartUp(bench: Bench): Promise<Report> {
  const rounds: (readonly Look[])[][] = [];
  for (let i = 0; i < bench.rounds; i += 1) {
    bench.progress.show('start-up', i, bench.rounds);
    const round: (readonly Look[])[] = [];
    for (const startUp of START_UPS) round.push(await run(startUp, bench));
    rounds.push(round);
  }
  bench.progress.clear();
  const row = (label: string, at: Moment, since: Moment): Row => rowOf(label, rounds, at, since);
  const rows = [
    row('empty again: the noise', [1, 0], [0, 0]),
    row('--import …/register', [2, 0], [0, 0]),
    row('--require …/register', [3, 0], [0, 0]),
    row('later: the first run is written', [4, 2], [4, 1]),
    row('later: the first batch is sent', [4, 3], [4, 2]),
  ];
  const empty = spreadOf(rounds.map((round) => lookAt(round, [0, 0]).millis)).median;
  const title = `Start-up, added to an empty application that begins after ${figure(empty, 0)} ms: ${bench.rounds} rounds`;
  return {
    text: `${title}\n\n${rowsText(rows)}\n\n${rows.map(modulesText).filter(Boolean).join('\n')}`,
    data: { title, rounds: bench.rounds, rows },
  };
}

async function run({ name, nodeOptions, keep }: (typeof START_UPS)[number], bench: Bench): Promise<Look[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...profileArguments(bench.profile, `startup-${name}`),
      ...nodeOptions,
      join(__dirname, 'startup-app.mjs'),
      ...(keep ? ['keep'] : []),
    ],
    {
      cwd: __dirname,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        OTEL_EXPORTER_OTLP_ENDPOINT: bench.servers.urls.receiver,
      },
    },
  );
  return JSON.parse(stdout) as Look[];
}

/** Which start-up, and which of its looks. */
type Moment = readonly [startUp: number, look: number];

function lookAt(round: readonly (readonly Look[])[], [startUp, look]: Moment): Look {
  const found = round[startUp]?.[look];
  if (found === undefined) throw new Error('the empty application said less than it was asked');
  return found;
}

function rowOf(label: string, rounds: readonly (readonly Look[])[][], at: Moment, since: Moment): Row {
  const of = (name: 'millis' | 'cpuMillis' | 'residentBytes'): Spread =>
    spreadOf(rounds.map((round) => lookAt(round, at)[name] - lookAt(round, since)[name]));
  const first = rounds[0] ?? [];
  const before = new Set(lookAt(first, since).modules);
  return {
    label,
    addedMillis: of('millis'),
    addedCpuMillis: of('cpuMillis'),
    addedResidentBytes: of('residentBytes'),
    modules: lookAt(first, at)
      .modules.filter((file) => !before.has(file))
      .map(shortened),
  };
}

function shortened(file: string): string {
  return relative(join(__dirname, '..'), file).replace(/^.*node_modules\//, '');
}

function rowsText(rows: readonly Row[]): string {
  return table(
    ['', 'ms', 'middle half', 'CPU ms', 'resident MB', 'modules'],
    rows.map(({ label, addedMillis, addedCpuMillis, addedResidentBytes, modules }) => [
      label,
      figure(addedMillis.median, 1),
      `${figure(addedMillis.low, 1)} to ${figure(addedMillis.high, 1)}`,
      figure(addedCpuMillis.median, 1),
      figure(addedResidentBytes.median / 2 ** 20, 1),
      String(modules.length),
    ]),
  );
}

/** By package; `--json` has every path. */
function modulesText({ label, modules }: Row): string {
  const counts = new Map<string, number>();
  for (const path of modules) {
    const owner = /^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path;
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  const list = [...counts].map(([owner, count]) => `${owner} ${count}`).join(', ');
  return list === '' ? '' : `${label} loads ${modules.length}: ${list}`;
}
