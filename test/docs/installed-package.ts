import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import { read } from './pages.js';

const { name, dependencies = {}, peerDependencies } = JSON.parse(read('package.json'));

/**
 * An empty folder with the packed package in its `node_modules`, as `npm install` would leave it, offline: what it
 * depends on, and `others`, are links to the packages of this repository.
 */
export function folderWithPackage(others: readonly string[]): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'chatdebug-'));
  run('npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder);
  const [tarball = ''] = readdirSync(folder);
  const installed = join(folder, 'node_modules', name);
  mkdirSync(installed, { recursive: true });
  run('tar', '-xzf', join(folder, tarball), '-C', installed, '--strip-components=1');
  rmSync(join(folder, tarball));
  for (const other of [...Object.keys({ ...dependencies, ...peerDependencies }), ...others]) {
    const link = join(folder, 'node_modules', other);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(REPOSITORY, 'node_modules', other), link, 'junction');
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

function run(command: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: REPOSITORY, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error ?? stderr}`);
}
