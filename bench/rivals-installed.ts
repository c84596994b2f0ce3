import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, 'rivals');
const LOCK = join(FOLDER, 'package-lock.json');
/** npm writes it last of all. */
const INSTALLED = join(FOLDER, 'node_modules', '.package-lock.json');

/** Installs what the bench compares with as bench/rivals/package-lock.json has it, unless that has been done. */
export function installRivals(): void {
  if (existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs) return;
  process.stderr.write('bench: installing bench/rivals\n');
  execFileSync('npm', ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2] });
}

/** The packages that are compared with, by name, in the versions that are pinned. */
export function rivalVersions(): Readonly<Record<string, string>> {
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'));
  return dependencies;
}
