import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECTS, type Project } from './cell.js';
import { each } from './each.js';
import { problems } from './judge.js';
import { nodes } from './nodes.js';
import { HELP, type MatrixOptions, parseOptions } from './options.js';
import { soundOutcome } from './outcome.js';
import { pack } from './packed.js';
import { type Planned, plan } from './plan.js';
import { Progress } from './progress.js';
import { install, lock } from './projects.js';
import { report, type Tried } from './report.js';
import { NODES } from './rows/row.js';
import { tryCell } from './trial.js';

async function matrix(options: MatrixOptions): Promise<boolean> {
  const root = options.folder ?? mkdtempSync(join(tmpdir(), 'chatdebug-matrix-'));
  mkdirSync(root, { recursive: true });
  try {
    const tarball = join(root, 'chatdebug.tgz');
    say('packing');
    pack(tarball);
    if (options.lock) {
      await each(PROJECTS, options.jobs, (project) => lock(project, root, tarball));
      return true;
    }
    const binaries = nodes();
    if (options.write && binaries.size < NODES.length) throw new Error('--write needs Node 20 to run it');
    const { planned, left } = plan(options, binaries);
    const needed = PROJECTS.filter((project) => planned.some(({ cell }) => cell.project === project));
    say(`installing ${needed.join(', ')}`);
    const folders = new Map<Project, string>();
    await each(needed, options.jobs, async (project) => {
      folders.set(project, await install(project, root, tarball));
    });
    const tried = await tryAll(planned, folders, binaries, options.jobs);
    return report(tried, left, options, binaries);
  } finally {
    if (options.folder === undefined) rmSync(root, { recursive: true, force: true });
  }
}

async function tryAll(
  planned: readonly Planned[],
  folders: ReadonlyMap<Project, string>,
  binaries: ReadonlyMap<string, string>,
  jobs: number,
): Promise<Tried[]> {
  const progress = new Progress(planned.length);
  const tried: Tried[] = [];
  await each(planned, jobs, async (it, at) => {
    const { cell, column, row } = it;
    const node = binaries.get(column) ?? process.execPath;
    const found = await tryCell(cell, folders.get(cell.project) ?? '', `cell-${at}`, node).then(
      (trial) => problems(cell, trial),
      (error: unknown) => [String(error)],
    );
    tried.push({ ...it, outcome: found.length === 0 ? soundOutcome(cell) : 'no', problems: found });
    progress.show(tried.length, `${row}, ${column}`);
  });
  progress.clear();
  return tried;
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
