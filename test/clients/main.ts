import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../support/cache.js';
import { REPOSITORY } from '../support/child.js';
import { inParallel } from '../support/in-parallel.js';
import { problemsOf, problemsOfTrial } from './judge.js';
import { checkPage, isAsDocumented, type Surveyed, writePage } from './page.js';
import type { SetUp } from './set-ups/index.mjs';
import { tryOut } from './trial.js';

const HELP = `npm run test:clients -- [options]
  --all           every client, installed the first time; otherwise a few of the development dependencies
  --only <text>   the set-ups whose name contains the text
  --node <major>  another version of Node.js than 24; some clients need 22
  --jobs <n>      set-ups that are tried at a time, 2 unless given
What is found is compared with the table of docs/clients-tested.md; UPDATE_DOCS=1 with --all writes it.`;

/** The most different clients, for a run of a minute. */
const FEW = [
  '`openai`: chat completions',
  '`openai` 4: chat completions',
  '`@anthropic-ai/sdk`',
  '`@google/genai`: generate content',
  '`@ai-sdk/openai`',
  '`@ai-sdk/amazon-bedrock`',
  '`ollama`: chat',
  '`axios`',
];

const nodeBinary = (major: string): string =>
  process.versions.node.startsWith(`${major}.`)
    ? process.execPath
    : join(REPOSITORY, 'test', 'nodes', 'node_modules', `node${major}`, 'bin', 'node');

/** A copy of the modules that run in the client's process, for every client. It stays in the cache. */
function installed(): string {
  const lock = 'package-lock.json';
  const folder = cacheFolder('clients', readFileSync(join(__dirname, lock)));
  mkdirSync(folder, { recursive: true });
  const copied = ['package.json', lock, '.npmrc', 'client.mjs', 'route.cjs', 'set-ups'];
  for (const name of copied) cpSync(join(__dirname, name), join(folder, name), { recursive: true });
  const mark = join(folder, 'installed');
  if (!existsSync(mark)) {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
    writeFileSync(mark, '');
  }
  return folder;
}

async function survey(setUp: SetUp, folder: string, node: string): Promise<Surveyed> {
  const trials = await Promise.all(
    (['full', 'errors'] as const).map((capture) => tryOut(setUp, capture, folder, node)),
  );
  const problems = trials.flatMap((trial) => [
    ...problemsOfTrial(trial).map((problem) => ({ capture: trial.capture, call: undefined, problem })),
    ...trial.calls.flatMap((call) =>
      problemsOf(call, trial).map((problem) => ({ capture: trial.capture, call, problem })),
    ),
  ]);
  const [full] = trials;
  const tries = full?.exchanges.get('survey-generate-broken-call')?.length ?? 0;
  return { setUp, calls: full?.calls ?? [], problems, tries };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      all: { type: 'boolean', default: false },
      only: { type: 'string' },
      node: { type: 'string', default: '24' },
      jobs: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const node = nodeBinary(values.node);
  if (!existsSync(node)) throw new Error(`Node ${values.node} is missing: run npm ci --prefix test/nodes`);
  const folder = values.all ? installed() : __dirname;
  const { SET_UPS } = await import('./set-ups/index.mjs');
  const { only } = values;
  const chosen = SET_UPS.filter(({ name }) =>
    only === undefined ? values.all || FEW.includes(name) : name.includes(only),
  );
  const results: Surveyed[] = [];
  await inParallel(chosen, Number(values.jobs) || 2, async (setUp) => {
    const result = await survey(setUp, folder, node).catch((error: unknown): Surveyed => {
      const problem = error instanceof Error ? error.message : String(error);
      return { setUp, calls: [], tries: 0, problems: [{ capture: 'full', call: undefined, problem }] };
    });
    results.push(result);
    show(result);
  });
  const ordered = SET_UPS.flatMap((setUp) => results.filter((result) => result.setUp === setUp));
  if (values.all && only === undefined && process.env['UPDATE_DOCS'] === '1') writePage(ordered, folder);
  else checkPage(SET_UPS);
  const wrong = results.filter((result) => !isAsDocumented(result)).length;
  console.log(`Tests: ${wrong} failed, ${results.length - wrong} passed, ${results.length} total`);
  if (wrong > 0) process.exitCode = 1;
}

function show({ setUp, problems }: Surveyed): void {
  console.log(`${problems.length === 0 ? 'right' : 'WRONG'}  ${setUp.name}`);
  for (const { capture, call, problem } of problems) {
    console.log(
      `       ${capture}, ${call === undefined ? 'all' : `${call.mode} ${call.scenario}`}: ${problem}`,
    );
  }
}

main().catch((error: unknown) => {
  console.error(`test:clients: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
