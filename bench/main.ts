import { startServers, type Work } from './calls.js';
import { measureCalls } from './calls-case.js';
import { measureChunks } from './chunks-case.js';
import { measureClassify } from './classify-case.js';
import { type BenchOptions, type Case, HELP, parseOptions } from './options.js';
import { Progress } from './progress.js';
import type { Report } from './report.js';
import type { Bench } from './rounds.js';
import { measureStartUp } from './startup.js';

const CHUNKS = 500;
const JSON_CALLS: Work = { kind: 'json', path: 'json', chunks: 0, calls: 300, warmUps: 10, held: true };
const STREAM_CALLS: Work = {
  kind: 'stream',
  path: `stream/${CHUNKS}`,
  chunks: CHUNKS,
  calls: 30,
  warmUps: 6,
  held: true,
};

const MEASURE: Readonly<Record<Case, (bench: Bench) => Promise<Report>>> = {
  json: (bench) => measureCalls('A chat completion of 2 KB', JSON_CALLS, bench),
  stream: (bench) => measureCalls(`A stream of ${CHUNKS} chunks`, STREAM_CALLS, bench),
  chunks: measureChunks,
  startup: measureStartUp,
  classify: measureClassify,
};

async function bench({ only, rounds, json, profile }: BenchOptions): Promise<void> {
  const progress = new Progress();
  const servers = await startServers();
  const reports: [Case, Report][] = [];
  try {
    for (const name of only)
      reports.push([name, await MEASURE[name]({ rounds, servers, progress, profile })]);
  } finally {
    progress.clear();
    await servers.stop();
  }
  if (json) {
    const cases = Object.fromEntries(reports.map(([name, { data }]) => [name, data]));
    console.log(JSON.stringify({ node: process.version, profiled: profile !== undefined, cases }, null, 2));
  } else {
    if (profile !== undefined) console.log(`Profiled into ${profile}: the figures mean nothing.\n`);
    console.log([`Node ${process.version}`, ...reports.map(([, { text }]) => text)].join('\n\n'));
  }
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
