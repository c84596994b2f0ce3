import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';

/** Of the checkout; what no package needs, or what is made anew, as archives of other sections of CI are. */
const LEFT_OUT = ['.git', '.cache', 'node_modules', 'dist', 'coverage', 'bench', 'examples', 'test'];

/**
 * Builds and packs the package as it would be published, in a folder of its own, so that nobody who uses `dist/`
 * meanwhile is disturbed.
 *
 * @param target the file that is to be written
 * @throws Error with what npm said
 */
export function pack(target: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'chatdebug-pack-'));
  try {
    for (const name of readdirSync(REPOSITORY)) {
      if (LEFT_OUT.includes(name) || name.endsWith('.tgz')) continue;
      cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
    const { status, stdout, stderr } = spawnSync('npm', ['pack'], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm pack failed\n${stdout}${stderr}`);
    // What the build says comes before the name of the file.
    cpSync(join(folder, stdout.trim().split('\n').at(-1) ?? ''), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
