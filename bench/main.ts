import { startServers } from './caller.js';
import { callsFigures } from './calls-case.js';
import { CALLS_CASES, type CallsCaseName } from './calls-cases.js';
import { environment } from './environment.js';
import type { CaseName, Figures } from './figures.js';
import { firstFailureFigures } from './first-failure.js';
import { inFlightFigures } from './in-flight.js';
import { installRivals, nodeProgram, nodeVersion } from './installed.js';
import { type BenchOptions, HELP, parseOptions, SHARES } from './options.js';
import { pageText, writePage } from './page.js';
import { partsFigures } from './parts.js';
import { Progress } from './progress.js';
import type { Bench } from './schedule.js';
import { startUpFigures } from './start-up.js';

const calls = (name: CallsCaseName) => (bench: Bench) => callsFigures(CALLS_CASES[name], bench);

const MEASURE: { readonly [Name in CaseName]: (bench: Bench) => Promise<Required<Figures>[Name]> } = {
  json: calls('json'),
  warm: calls('warm'),
  stream: calls('stream'),
  long: calls('long'),
  parallel: calls('parallel'),
  'ai-json': calls('ai-json'),
  'ai-stream': calls('ai-stream'),
  flight: inFlightFigures,
  failure: firstFailureFigures,
  startup: startUpFigures,
  parts: partsFigures,
};

/** All cases with one version of Node. One that fails is reported, and the others go on. */
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
      // What a case does not use is left to those after it.
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
  if (options.write) writePage(from, all);
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

main().then(() => {
  // A measured process that hangs must not keep this one.
  process.exit();
});
