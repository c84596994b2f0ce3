import { writeFileSync } from 'node:fs';
import { startServers } from './calls.js';
import { measureCalls } from './calls-case.js';
import { chart } from './chart.js';
import { measureChunks } from './chunks-case.js';
import { measureClassify } from './classify-case.js';
import { environment, environmentText } from './environment.js';
import { type BenchOptions, type Case, HELP, parseOptions } from './options.js';
import { writePage } from './page.js';
import { Progress } from './progress.js';
import type { Report } from './report.js';
import { installRivals } from './rivals-installed.js';
import type { Bench } from './rounds.js';
import { measureStartUp } from './startup.js';
import { WORKS } from './works.js';

const MEASURE: Readonly<Record<Case, (bench: Bench) => Promise<Report>>> = {
  json: (bench) => measureCalls(WORKS.json, bench),
  stream: (bench) => measureCalls(WORKS.stream, bench),
  long: (bench) => measureCalls(WORKS.long, bench),
  'ai-json': (bench) => measureCalls(WORKS['ai-json'], bench),
  'ai-stream': (bench) => measureCalls(WORKS['ai-stream'], bench),
  chunks: measureChunks,
  startup: measureStartUp,
  classify: measureClassify,
};

async function measure({ only, rivals, rounds, profile }: BenchOptions): Promise<Map<Case, Report>> {
  if (rivals) installRivals();
  const progress = new Progress();
  const servers = await startServers();
  const reports = new Map<Case, Report>();
  try {
    for (const name of only)
      reports.set(name, await MEASURE[name]({ rounds, rivals, servers, progress, profile }));
  } finally {
    progress.clear();
    await servers.stop();
  }
  return reports;
}

async function bench(options: BenchOptions): Promise<void> {
  const { rivals, json, svg, write, profile } = options;
  const from = environment(rivals);
  const found = await measure(options);
  const reports = [...found.values()];
  if (json) {
    const cases = Object.fromEntries([...found].map(([name, { data }]) => [name, data]));
    console.log(JSON.stringify({ ...from, profiled: profile !== undefined, cases }, null, 2));
  } else {
    if (profile !== undefined) console.log(`Profiled into ${profile}: the figures mean nothing.\n`);
    console.log([environmentText(from), ...reports.map(({ text }) => text)].join('\n\n'));
  }
  if (svg !== undefined) writeFileSync(svg, chart(reports));
  if (write) writePage(from, reports);
}

async function main(): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}\nTry: npm run bench -- --help`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    await bench(options);
    return 0;
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

main().then((code) => {
  // A measured process that hangs must not keep this one.
  process.exit(code);
});
