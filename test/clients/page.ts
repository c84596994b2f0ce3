import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import { aligned, withGenerated } from '../support/generated-page.js';
import { type Call, type Capture, type Mode, SCRIPTS, type Scenario } from './scenarios.js';
import type { SetUp } from './set-ups/index.mjs';

export interface Surveyed {
  readonly setUp: SetUp;
  readonly calls: readonly Call[];
  readonly problems: readonly {
    readonly capture: Capture;
    readonly call: Call | undefined;
    readonly problem: string;
  }[];
  /** The number of requests of a call that is always answered 500. */
  readonly tries: number;
}

const PAGE = join(REPOSITORY, 'docs', 'clients-tested.md');
const HEAD = ['Client', 'Version', 'Transport', 'Non-streaming', 'Streaming', 'Requests'];

/** @param folder the folder of the installed clients */
export function writePage(results: readonly Surveyed[], folder: string): void {
  writeFileSync(PAGE, withGenerated(readFileSync(PAGE, 'utf8'), 'survey', table(results, folder)));
}

/** Returns whether the page agrees about a client. */
export function isAsDocumented(result: Surveyed): boolean {
  const row = readFileSync(PAGE, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| ${result.setUp.name} `));
  const cells = row?.split('|').map((cell) => cell.trim()) ?? [];
  return cells[4] === verdict(result, 'generate') && cells[5] === verdict(result, 'stream');
}

/** @throws Error if the page lacks a client of the survey */
export function checkPage(setUps: readonly SetUp[]): void {
  const page = readFileSync(PAGE, 'utf8');
  const missing = setUps.filter(({ name }) => !page.includes(`| ${name} `));
  if (missing.length === 0) return;
  const missed = missing.map(({ name }) => name).join(', ');
  throw new Error(`docs/clients-tested.md lacks ${missed}: run UPDATE_DOCS=1 npm run test:clients -- --all`);
}

function table(results: readonly Surveyed[], folder: string): string {
  const right = results.filter(({ problems }) => problems.length === 0).length;
  const rows = results.map((result) => [
    result.setUp.name,
    versionOf(result.setUp.package, folder),
    `\`${result.setUp.over}\``.replace('`undici`', 'npm `undici`'),
    verdict(result, 'generate'),
    verdict(result, 'stream'),
    String(result.tries),
  ]);
  return [
    `${right} of ${results.length} clients are correct in every scenario.`,
    '',
    ...aligned([HEAD, ...rows]),
    ...notes(results),
  ].join('\n');
}

function verdict({ setUp, calls, problems }: Surveyed, mode: Mode): string {
  if (mode === 'stream' && setUp.noStream) return '';
  const of = calls.filter((call) => call.mode === mode);
  const wrong = of.filter((call) => problems.some((problem) => (problem.call ?? call) === call));
  if (of.length > 0 && wrong.length === 0) return 'correct';
  const scenarios = new Set<Scenario>(wrong.map(({ scenario }) => scenario));
  return `incorrect: ${[...scenarios].map((scenario) => SCRIPTS[scenario].title).join(', ')}`;
}

function notes(results: readonly Surveyed[]): string[] {
  const all = results.flatMap(({ setUp: { name, note } }) =>
    note === undefined ? [] : [`- ${name}: ${note}.`],
  );
  return all.length === 0 ? [] : ['', ...all];
}

function versionOf(name: string, folder: string): string {
  if (name === 'node') return '24';
  return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
}
