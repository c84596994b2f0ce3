import { execFile } from 'node:child_process';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { type Spread, spreadOf } from './figures.js';
import { type Bench, interleaved, profileArguments } from './schedule.js';

/** The cost that start-up adds to an empty application. */
export interface StartUpRow {
  readonly name: string;
  readonly label: string;
  readonly millis: Spread;
  readonly cpuMillis: Spread;
  readonly residentBytes: Spread;
  /** Relative to node_modules, or to this package. */
  readonly modules: readonly string[];
  /** The number of modules of this package. */
  readonly ownModules: number;
}

export interface StartUpFigures {
  readonly title: string;
  readonly rounds: number;
  readonly rows: readonly StartUpRow[];
}

/** The output of bench/measured/empty.mjs. */
interface Look {
  readonly millis: number;
  readonly cpuMillis: number;
  readonly residentBytes: number;
  readonly modules: readonly string[];
}

const REGISTER = 'opentelemetry-instrumentation-chatdebug/register';
const API_ONLY = './measured/api-only.cjs';
const EMPTY = 0;
const API = 2;
const START_UPS = [
  { name: 'empty', label: 'empty', nodeOptions: [], beside: EMPTY },
  { name: 'empty-again', label: 'empty, repeated: the noise', nodeOptions: [], beside: EMPTY },
  { name: 'api', label: '@opentelemetry/api alone', nodeOptions: ['--import', API_ONLY], beside: EMPTY },
  {
    name: 'import',
    label: '--import …/register, beyond the API',
    nodeOptions: ['--import', REGISTER],
    beside: API,
  },
  {
    name: 'require',
    label: '--require …/register, beyond the API',
    nodeOptions: ['--require', REGISTER],
    beside: API,
  },
] as const;
type StartUp = (typeof START_UPS)[number];

/** More rounds than other cases: a process takes a tenth of a second and varies more. */
const MIN_ROUNDS = 5;

export async function startUpFigures(bench: Bench): Promise<StartUpFigures> {
  const rounds = await interleaved('start-up', START_UPS, { ...bench, minRounds: MIN_ROUNDS }, (startUp) =>
    look(startUp, bench),
  );
  return {
    title: 'Added start-up cost of an empty application',
    rounds: rounds.length,
    rows: START_UPS.flatMap((startUp, index) => (index === EMPTY ? [] : rowOf(startUp, index, rounds))),
  };
}

async function look({ name, nodeOptions }: StartUp, { node, servers, profile }: Bench): Promise<Look> {
  const { stdout } = await promisify(execFile)(
    node,
    [
      ...profileArguments(profile, `start-up-${name}`),
      ...nodeOptions,
      join(__dirname, 'measured', 'empty.mjs'),
    ],
    {
      cwd: __dirname,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        OTEL_EXPORTER_OTLP_ENDPOINT: servers.urls.receiver,
      },
    },
  );
  return JSON.parse(stdout) as Look;
}

function rowOf({ name, label, beside }: StartUp, index: number, rounds: readonly Look[][]): StartUpRow {
  const added = (figure: 'millis' | 'cpuMillis' | 'residentBytes'): Spread =>
    spreadOf(
      rounds.map((round) => (round[index]?.[figure] ?? Number.NaN) - (round[beside]?.[figure] ?? Number.NaN)),
    );
  const before = new Set(rounds[0]?.[beside]?.modules);
  const modules = (rounds[0]?.[index]?.modules ?? []).filter((file) => !before.has(file)).map(shortened);
  return {
    name,
    label,
    millis: added('millis'),
    cpuMillis: added('cpuMillis'),
    residentBytes: added('residentBytes'),
    modules,
    ownModules: modules.filter((path) => path.startsWith('dist')).length,
  };
}

const ROOT = join(__dirname, '..');

function shortened(file: string): string {
  return relative(ROOT, file).replace(/^.*node_modules\//, '');
}
