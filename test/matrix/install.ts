import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { REPOSITORY } from '../support/child.js';
import type { Project } from './cell.js';
import { PACKAGE } from './program.js';
import { NODES } from './rows.js';

/** Not needed to build the package. */
const NOT_COPIED = ['.git', '.cache', 'node_modules', 'dist', 'coverage', 'bench', 'examples', 'test'];

/**
 * Builds and packs the package as for publication, in a temporary folder, so that other users of `dist/` are not
 * affected.
 *
 * @param target the file to write
 * @throws Error with the output of npm
 */
export function pack(target: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'chatdebug-pack-'));
  try {
    for (const name of readdirSync(REPOSITORY)) {
      if (NOT_COPIED.includes(name) || name.endsWith('.tgz')) continue;
      cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
    const { status, stdout, stderr } = spawnSync('npm', ['pack'], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm pack failed\n${stdout}${stderr}`);
    // The output of the build precedes the name of the file.
    cpSync(join(folder, stdout.trim().split('\n').at(-1) ?? ''), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

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

/** The published names and versions of a project's packages. */
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
 * Installs a project's locked packages and the packed one, unless the folder has them already.
 *
 * @returns the folder
 * @throws Error if the lock file does not match the packed package, or if npm fails
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

/** Writes a new lock file of a project, without registry URLs and without the hash of the packed package. */
export async function lock(project: Project, root: string, tarball: string): Promise<void> {
  const folder = prepared(project, root, tarball);
  const options = ['--package-lock-only', '--omit-lockfile-registry-resolved', ...QUIET];
  await promisify(execFile)('npm', ['install', ...options], { cwd: folder });
  const resolved = readJson<LockFile>(join(folder, 'package-lock.json'));
  delete resolved.packages[`node_modules/${PACKAGE}`]?.integrity;
  writeFileSync(manifestOf(project, 'package-lock.json'), `${JSON.stringify(resolved, null, 2)}\n`);
}

/** The folder of a project with its manifest, the packed package and the files of `beside/`. */
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

/** `npm ci` does not compare the dependencies of the packed package. */
function checkLock(project: Project): void {
  const { packages } = readJson<LockFile>(manifestOf(project, 'package-lock.json'));
  const { dependencies, peerDependencies } = readJson<Manifest>(join(REPOSITORY, 'package.json'));
  const locked = packages[`node_modules/${PACKAGE}`];
  const same = isDeepStrictEqual(
    [locked?.dependencies, locked?.peerDependencies],
    [dependencies, peerDependencies],
  );
  if (!same) throw new Error(`The lock file of ${project} is outdated: run npm run test:matrix -- --lock`);
}

const FOLDER = join(REPOSITORY, 'test', 'nodes');

/**
 * The binaries of Node by major version: those of `test/nodes`, which are installed if missing, and that of this
 * process. Column 20 is skipped if this process runs on another version.
 */
export function nodes(): ReadonlyMap<string, string> {
  if (NODES.some((version) => version !== '20' && !existsSync(binary(version)))) {
    execFileSync('npm', ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund', '--loglevel=error']);
  }
  const own = process.versions.node.split('.')[0];
  return new Map(
    NODES.flatMap((version): [string, string][] => {
      if (existsSync(binary(version))) return [[version, binary(version)]];
      return version === own ? [[version, process.execPath]] : [];
    }),
  );
}

export const versionOf = (node: string): string =>
  execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1);

const binary = (version: string): string => join(FOLDER, 'node_modules', `node${version}`, 'bin', 'node');
