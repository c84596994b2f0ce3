import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { REPOSITORY } from '../support/child.js';
import type { Project } from './cell.js';
import { PACKAGE } from './program.js';

const MATRIX = join(REPOSITORY, 'test', 'matrix');
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly packages: Record<string, { integrity?: string } & Partial<Manifest>>;
}

const manifestOf = (project: Project, file = 'package.json'): string =>
  join(MATRIX, 'projects', project, file);

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8'));

/** What is installed in a project, by name and version as they are published. */
export function versionsOf(project: Project): [name: string, version: string][] {
  const { dependencies } = readJson<Manifest>(manifestOf(project));
  return Object.entries(dependencies)
    .filter(([, version]) => !version.startsWith('file:'))
    .map(([name, version]) => {
      const [, real, number] = /^npm:(.+)@(.+)$/.exec(version) ?? ['', name, version];
      return [real ?? name, number ?? version];
    });
}

/**
 * Installs a project's locked packages and the packed one; a folder with the very same is left alone.
 *
 * @returns the folder
 * @throws Error where the lock file does not fit the packed package, or npm fails
 */
export async function install(project: Project, root: string, tarball: string): Promise<string> {
  const folder = prepared(project, root, tarball);
  cpSync(manifestOf(project, 'package-lock.json'), join(folder, 'package-lock.json'));
  const stamp = stampOf(project, tarball);
  const stampFile = join(folder, 'installed');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return folder;
  checkLock(project);
  await promisify(execFile)('npm', ['ci', ...QUIET], { cwd: folder });
  writeFileSync(stampFile, stamp);
  return folder;
}

/** Resolves a project's lock file from nothing: with no registry's address, nor the sum of a package that changes. */
export async function lock(project: Project, root: string, tarball: string): Promise<void> {
  const folder = prepared(project, root, tarball);
  const options = ['--package-lock-only', '--omit-lockfile-registry-resolved', ...QUIET];
  await promisify(execFile)('npm', ['install', ...options], { cwd: folder });
  const resolved = readJson<LockFile>(join(folder, 'package-lock.json'));
  delete resolved.packages[`node_modules/${PACKAGE}`]?.integrity;
  writeFileSync(manifestOf(project, 'package-lock.json'), `${JSON.stringify(resolved, null, 2)}\n`);
}

/** The folder with all that npm needs, and what an application of `beside/` starts with. */
function prepared(project: Project, root: string, tarball: string): string {
  const folder = join(root, project);
  mkdirSync(folder, { recursive: true });
  cpSync(manifestOf(project), join(folder, 'package.json'));
  cpSync(tarball, join(folder, 'chatdebug.tgz'));
  cpSync(join(MATRIX, 'beside'), folder, { recursive: true });
  return folder;
}

function stampOf(project: Project, tarball: string): string {
  const hash = createHash('sha256').update(readFileSync(tarball));
  return hash.update(readFileSync(manifestOf(project, 'package-lock.json'))).digest('hex');
}

/** `npm ci` would not notice. */
function checkLock(project: Project): void {
  const { packages } = readJson<LockFile>(manifestOf(project, 'package-lock.json'));
  const { dependencies, peerDependencies } = readJson<Manifest>(join(REPOSITORY, 'package.json'));
  const locked = packages[`node_modules/${PACKAGE}`];
  const same = isDeepStrictEqual(
    [locked?.dependencies, locked?.peerDependencies],
    [dependencies, peerDependencies],
  );
  if (!same)
    throw new Error(`${project}: the lock file is of other dependencies: npm run test:matrix -- --lock`);
}
