import { parseArgs } from 'node:util';
import { callsFigures, startServers } from './calls-case.js';
import { CALLS_CASES, type CallsCaseName } from './calls-cases.js';
import { environment, installRivals, nodeProgram, nodeVersion } from './environment.js';
import type { CaseName, Figures } from './figures.js';
import { firstFailureFigures } from './first-failure.js';
import { inFlightFigures } from './in-flight.js';
import { pageText, writePages } from './page.js';
import { partsFigures } from './parts.js';
import { type Bench, Progress } from './schedule.js';
import { startUpFigures } from './start-up.js';

const calls = (name: CallsCaseName) => (bench: Bench) => callsFigures(CALLS_CASES[name], bench);

const MEASURE: { readonly [Name in CaseName]: (bench: Bench) => Promise<Required<Figures>[Name]> } = {
  json: calls('json'),
  gzip: calls('gzip'),
  warm: calls('warm'),
  stream: calls('stream'),
  long: calls('long'),
  parallel: calls('parallel'),
  'ai-json': calls('ai-json'),
  'ai-stream': calls('ai-stream'),
  http: calls('http'),
  'http-other': calls('http-other'),
  flight: inFlightFigures,
  failure: firstFailureFigures,
  startup: startUpFigures,
  parts: partsFigures,
};

/** Runs all cases with one version of Node. A failing case is reported, and the others continue. */
async function measure(node: string, options: BenchOptions): Promise<Figures> {
  const { only, minutesPerNode, minRounds, profile } = options;
  const progress = new Progress();
  const servers = await startServers();
  const start = performance.now();
  const shares = only.reduce((sum, name) => sum + SHARES[name], 0);
  const found: Record<string, unknown> = { node: nodeVersion(node) };
  let done = 0;
  try {
    for (const name of only) {
      done += SHARES[name];
      // Unused time is available to later cases.
      const deadline = start + (minutesPerNode * 60_000 * done) / shares;
      try {
        found[name] = await MEASURE[name]({ node, servers, progress, profile, deadline, minRounds });
      } catch (error) {
        report(error);
      }
    }
  } finally {
    progress.clear();
    await servers.stop();
  }
  return found as unknown as Figures;
}

function report(error: unknown): void {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function bench(options: BenchOptions): Promise<void> {
  installRivals();
  const nodes = options.nodes.map(nodeProgram);
  const from = environment();
  const all: Figures[] = [];
  for (const node of nodes) all.push(await measure(node, options));
  if (options.json) console.log(JSON.stringify({ ...from, versions: from.versions, all }, null, 2));
  else console.log(pageText(from, all));
  if (options.write) writePages(from, all);
}

async function main(): Promise<void> {
  let options: BenchOptions;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}\nTry: npm run bench -- --help`);
    process.exitCode = 2;
    return;
  }
  if (options.help) process.stdout.write(HELP);
  else await bench(options).catch(report);
}

/** Every case with its share of the time. */
const SHARES: Readonly<Record<CaseName, number>> = {
  json: 16,
  gzip: 8,
  warm: 24,
  stream: 12,
  long: 9,
  parallel: 10,
  'ai-json': 7,
  'ai-stream': 8,
  http: 3,
  'http-other': 2,
  flight: 8,
  failure: 7,
  startup: 2,
  parts: 4,
};
const CASES = Object.keys(SHARES) as CaseName[];

/** Thousands of calls a process. */
const SLOWEST: CaseName = 'warm';
const MINUTES = 24;
const QUICK_MINUTES_PER_NODE = 3;

const HELP = `Usage: npm run bench [-- options]

Measures what this package costs an application and compares it with alternatives and targets: CPU time of
real calls to a local provider, memory, start-up, and the first failure. See bench/README.md.

  --node LIST     comma-separated versions of Node to measure: major numbers (those of test/nodes, which are
                  installed if missing) or paths (default: the current version and 24)
  --only LIST     comma-separated cases:
                  ${CASES.join(',')}
  --minutes N     total time limit in minutes (default ${MINUTES}); each case takes at least two rounds
  --quick         rough figures: ${QUICK_MINUTES_PER_NODE} minutes per version, at least one round of each case;
                  without ${SLOWEST} unless --only names it
  --json          print every figure with its spread as JSON
  --write         write the figures into docs/benchmark.md, its further pages and docs/benchmark.svg
  --profile DIR   write a CPU profile of each measured process; invalidates the figures
  --help          print this and exit
`;

interface BenchOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly write: boolean;
  readonly minutesPerNode: number;
  readonly minRounds: number;
  readonly nodes: readonly string[];
  readonly only: readonly CaseName[];
  readonly profile: string | undefined;
}

/** @throws Error that names the invalid option */
function parseOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean' },
      json: { type: 'boolean' },
      minutes: { type: 'string' },
      node: { type: 'string' },
      only: { type: 'string' },
      profile: { type: 'string' },
      quick: { type: 'boolean' },
      write: { type: 'boolean' },
    },
  });
  const { help = false, json = false, write = false, quick = false, profile } = values;
  if (profile === '') throw new Error('Invalid --profile "": expected a directory');
  if (write && (profile !== undefined || values.only !== undefined || quick))
    throw new Error('--write cannot be combined with --only, --quick or --profile');
  if (quick && values.minutes !== undefined) throw new Error('--minutes cannot be combined with --quick');
  const nodes = names(values.node) ?? defaultNodes();
  return {
    help,
    json,
    write,
    minutesPerNode: quick ? QUICK_MINUTES_PER_NODE : minutesOf(values.minutes) / nodes.length,
    minRounds: quick ? 1 : 2,
    nodes,
    only: casesOf(values.only, quick ? CASES.filter((name) => name !== SLOWEST) : CASES),
    profile,
  };
}

/** The current version, in a clone usually the oldest supported one, and the newest LTS. */
function defaultNodes(): string[] {
  const running = process.versions.node.split('.')[0] ?? '';
  return [...new Set([running, '24'])];
}

function minutesOf(text: string | undefined): number {
  if (text === undefined) return MINUTES;
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new Error(`Invalid --minutes "${text}": expected an integer from 1 to 9999`);
  return Number(text);
}

function casesOf(text: string | undefined, otherwise: readonly CaseName[]): CaseName[] {
  const chosen = names(text) ?? otherwise;
  const unknown = chosen.find((name) => !(CASES as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new Error(`Invalid --only "${unknown}": expected a comma-separated list of ${CASES.join(', ')}`);
  return CASES.filter((name) => chosen.includes(name));
}

function names(text: string | undefined): string[] | undefined {
  return text?.split(',').map((name) => name.trim());
}

main().then(() => {
  // A measured process that hangs must not keep this one alive.
  process.exit();
});
