import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, sep } from 'node:path';
import { cacheFolder } from '../support/cache.js';
import { REPOSITORY } from '../support/child.js';

export interface InstalledExample {
  readonly directory: string;
  /** Runs Node.js in the folder, to its end. */
  node(...args: string[]): void;
}

/** An installed or built example. */
const MADE = ['node_modules', '.next', 'next-env.d.ts'];

export function installExample(name: string): InstalledExample {
  return installProject(join('examples', name));
}

/**
 * A copy of a project with its dependencies. The package that it names as `file:../..` is the packed one, which must
 * have been built. The dependencies stay in a cache folder for later runs. Sources and package are copied each
 * time.
 *
 * @param path the path of its folder in this repository
 */
export function installProject(path: string): InstalledExample {
  const example = join(REPOSITORY, path);
  const lockFile = readFileSync(join(example, 'package-lock.json'));
  const root = cacheFolder(path.replace(/^examples/, 'example').replaceAll(sep, '-'), lockFile);
  const directory = join(root, path);
  mkdirSync(directory, { recursive: true });
  for (const file of readdirSync(directory)) {
    if (file !== 'node_modules') rmSync(join(directory, file), { recursive: true });
  }
  cpSync(example, directory, { recursive: true, filter: (path) => !MADE.includes(basename(path)) });
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const packed = run(REPOSITORY, 'npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', root);
  run(root, 'tar', 'xzf', packed.trim(), '--strip-components', '1');
  const installed = join(root, 'installed');
  if (!existsSync(installed)) {
    run(directory, 'npm', 'ci', '--no-audit', '--no-fund');
    writeFileSync(installed, '');
  }
  // With `install-links` npm has copied the package, possibly an earlier one.
  const copy = join(directory, 'node_modules', 'opentelemetry-instrumentation-chatdebug');
  if (!lstatSync(copy).isSymbolicLink()) {
    rmSync(join(copy, 'dist'), { recursive: true, force: true });
    run(copy, 'tar', 'xzf', join(root, packed.trim()), '--strip-components', '1');
  }
  return { directory, node: (...args) => void run(directory, process.execPath, ...args) };
}

/** @returns its standard output */
function run(cwd: string, command: string, ...args: string[]): string {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: undefined };
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${error ?? status}\n${stdout}\n${stderr}`);
}
