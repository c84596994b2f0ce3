import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { REPOSITORY } from '../support/child.js';

export interface InstalledExample {
  readonly directory: string;
  /** Runs Node.js in it, to its end. */
  node(...args: string[]): void;
  remove(): void;
}

/** What is no part of an example, but was installed or built in its folder. */
const LEFT_OUT = new Set(['node_modules', '.next']);

/**
 * A copy of an example with its dependencies. What it names as `file:../..` is this package as it is published: the
 * packed files, unpacked where that leads. This package must have been built.
 */
export function installExample(name: string): InstalledExample {
  const root = mkdtempSync(join(tmpdir(), `chatdebug-${name}-`));
  const remove = () => rmSync(root, { recursive: true, force: true });
  const directory = join(root, 'examples', name);
  try {
    install(root, directory, name);
  } catch (error) {
    remove();
    throw error;
  }
  return { directory, node: (...args) => void run(directory, process.execPath, ...args), remove };
}

function install(root: string, directory: string, name: string): void {
  const packed = run(REPOSITORY, 'npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', root);
  run(root, 'tar', 'xzf', packed.trim(), '--strip-components', '1');
  cpSync(join(REPOSITORY, 'examples', name), directory, {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(basename(path)),
  });
  run(directory, 'npm', 'ci', '--no-audit', '--no-fund');
}

/** @returns what it wrote to its standard output */
function run(cwd: string, command: string, ...args: string[]): string {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: undefined };
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${error ?? status}\n${stdout}\n${stderr}`);
}
