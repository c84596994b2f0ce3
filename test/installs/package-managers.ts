import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../support/cache.js';
import { REPOSITORY } from '../support/child.js';

export const MANAGERS = ['npm', 'pnpm', 'yarn 1', 'yarn 4', "yarn 4 with Plug'n'Play"] as const;
export type Manager = (typeof MANAGERS)[number];

const PINNED = join(REPOSITORY, 'test', 'installs', 'managers');

/** The programs and their downloads stay here for later runs. */
const CACHE = cacheFolder('package-managers', readFileSync(join(PINNED, 'package-lock.json')));
const program = (...path: string[]): string => join(CACHE, 'node_modules', ...path);

const YARN_4 = [program('@yarnpkg', 'cli-dist', 'bin', 'yarn.js'), 'install'];
const COMMANDS: Readonly<Record<Exclude<Manager, 'npm'>, readonly string[]>> = {
  pnpm: [program('pnpm', 'bin', 'pnpm.cjs'), 'install', '--no-frozen-lockfile', '--strict-peer-dependencies'],
  'yarn 1': [program('yarn', 'bin', 'yarn.js'), 'install', '--non-interactive', '--no-lockfile'],
  'yarn 4': YARN_4,
  "yarn 4 with Plug'n'Play": YARN_4,
};

/** Installs the package managers if they are not in the cache. */
export function installManagers(): void {
  if (existsSync(program('.package-lock.json'))) return;
  mkdirSync(CACHE, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    writeFileSync(join(CACHE, file), readFileSync(join(PINNED, file)));
  run(CACHE, 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}

/**
 * Installs the manifest of a folder without a lock file.
 *
 * @returns the output of the manager
 * @throws Error with the output, if it fails
 */
export function install(manager: Manager, folder: string): string {
  if (manager === 'npm') return run(folder, 'npm', ['install', '--no-audit', '--no-fund']);
  if (manager.startsWith('yarn 4')) {
    const linker = manager === 'yarn 4' ? 'node-modules' : 'pnp';
    writeFileSync(join(folder, '.yarnrc.yml'), `nodeLinker: ${linker}\npnpEnableEsmLoader: true\n`);
    // Otherwise it searches for a project in the parent folders.
    writeFileSync(join(folder, 'yarn.lock'), '');
  }
  return run(folder, process.execPath, COMMANDS[manager]);
}

/** The options of Node.js that make it find the installed packages. */
export function nodeOptions(manager: Manager, folder: string): readonly string[] {
  if (!manager.endsWith("Plug'n'Play")) return [];
  const loader = join(folder, '.pnp.loader.mjs');
  return ['--require', join(folder, '.pnp.cjs'), '--no-warnings', '--experimental-loader', loader];
}

function run(cwd: string, command: string, args: readonly string[]): string {
  const registry = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout.trim();
  const env = {
    ...process.env,
    NODE_ENV: undefined,
    NPM_CONFIG_STORE_DIR: join(CACHE, 'pnpm'),
    YARN_CACHE_FOLDER: join(CACHE, 'yarn'),
    YARN_REGISTRY: registry,
    YARN_NPM_REGISTRY_SERVER: registry,
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    YARN_ENABLE_TELEMETRY: 'false',
    YARN_ENABLE_GLOBAL_CACHE: 'false',
  };
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${error ?? status}\n${stdout}\n${stderr}`);
  return stdout + stderr;
}
