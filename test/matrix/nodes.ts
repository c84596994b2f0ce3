import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import { NODES } from './rows/row.js';

const FOLDER = join(REPOSITORY, 'test', 'nodes');

/**
 * The binaries of Node by major version: those of `test/nodes`, which are installed where they are missing, and
 * the one that runs this. On a newer one than 20 that column is left out.
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
