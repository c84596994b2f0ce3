import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inParallel } from '../support/in-parallel.js';
import { type MatrixOptions, type Planned, PROJECTS, type Project } from './cell.js';
import { install, lock, nodes, pack } from './install.js';
import { problems, soundOutcome } from './judge.js';
import { report, type Tried } from './page.js';
import { NODES, SECTIONS } from './rows.js';
import { tryCell } from './trial.js';

const HELP = `npm run test:matrix -- [options]
  --ci            one column of each row, rotating, instead of all
  --write         writes docs/compatibility.md instead of comparing with it
  --only <text>   the rows whose name contains the text
  --in <folder>   installs there and keeps the folder for later runs. Default: a temporary folder
  --jobs <n>      the number of parallel cells. Default: 2
  --lock          resolves the lock files of test/matrix/projects again and runs nothing`;

/** @throws TypeError for an unknown option */
function parseOptions(args: readonly string[]): MatrixOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ci: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      lock: { type: 'boolean', default: false },
      only: { type: 'string' },
      in: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.write && (values.ci || values.only !== undefined))
    throw new TypeError('Invalid option --write: it needs all cells, so it excludes --ci and --only');
  const { ci, write, lock, only, in: folder } = values;
  return { ci, write, lock, only, folder, jobs: Math.max(1, Number(values.jobs) || 2) };
}

async function matrix(options: MatrixOptions): Promise<boolean> {
  const root = options.folder ?? mkdtempSync(join(tmpdir(), 'chatdebug-matrix-'));
  mkdirSync(root, { recursive: true });
  try {
    const tarball = join(root, 'chatdebug.tgz');
    say('packing');
    pack(tarball);
    if (options.lock) {
      await inParallel(PROJECTS, options.jobs, (project) => lock(project, root, tarball));
      return true;
    }
    const binaries = nodes();
    if (options.write && binaries.size < NODES.length) throw new Error('--write must run on Node 20');
    const { planned, skipped } = plan(options, binaries);
    const needed = PROJECTS.filter((project) => planned.some(({ cell }) => cell.project === project));
    say(`installing ${needed.join(', ')}`);
    const folders = new Map<Project, string>();
    await inParallel(needed, options.jobs, async (project) => {
      folders.set(project, await install(project, root, tarball));
    });
    const tried = await tryAll(planned, folders, binaries, options.jobs);
    return report(tried, skipped, options, binaries);
  } finally {
    if (options.folder === undefined) rmSync(root, { recursive: true, force: true });
  }
}

/** Divides the cells into those to run and the skipped ones. */
function plan({ ci, only }: MatrixOptions, binaries: ReadonlyMap<string, string>) {
  const planned: Planned[] = [];
  const skipped: Planned[] = [];
  const rows = SECTIONS.flatMap((section) => section.rows).filter(
    ({ name }) => only === undefined || name.includes(only),
  );
  rows.forEach(({ name, cells }, at) => {
    const offered = [...cells].filter(([column]) => !/^\d/.test(column) || binaries.has(column));
    offered.forEach(([column, cell], index) => {
      const isPlanned = !ci || index === at % offered.length;
      (isPlanned ? planned : skipped).push({ row: name, column, cell });
    });
  });
  return { planned, skipped };
}

async function tryAll(
  planned: readonly Planned[],
  folders: ReadonlyMap<Project, string>,
  binaries: ReadonlyMap<string, string>,
  jobs: number,
): Promise<Tried[]> {
  const tried: Tried[] = [];
  await inParallel(planned, jobs, async (it, at) => {
    const { cell, column, row } = it;
    const node = binaries.get(column) ?? process.execPath;
    const found = await tryCell(cell, folders.get(cell.project) ?? '', `cell-${at}`, node).then(
      (trial) => problems(cell, trial),
      (error: unknown) => [String(error)],
    );
    tried.push({ ...it, outcome: found.length === 0 ? soundOutcome(cell) : 'no', problems: found });
    showProgress(`${tried.length} of ${planned.length}: ${row}, ${column}`, tried.length);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return tried;
}

/** One line of a terminal, otherwise a line now and then. */
function showProgress(text: string, done: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (done % 20 === 0) say(text);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) return console.log(HELP);
  if (!(await matrix(options))) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(`test:matrix: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
