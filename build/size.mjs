/**
 * Part of `npm run checks`: compares the size of the package on disk and at start-up with a budget. Reads the build. A
 * change that needs more raises the budget here, where a reviewer sees it.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BUDGET = {
  'tarball, bytes': 1_450_000,
  'unpacked, bytes': 5_400_000,
  'files in the tarball': 900,
  'loaded by register, bytes': 155_000,
  'loaded by register, files': 2,
};

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8' });
const [packed] = JSON.parse(run('npm', 'pack', '--dry-run', '--json', '--ignore-scripts'));
/** OpenTelemetry's API is not counted, since the application has it in any case. */
const [files, bytes] = JSON.parse(
  run(
    process.execPath,
    '-e',
    `require('./dist/register.js');
    const ours = Object.keys(require.cache).filter((file) => file.startsWith(require('path').resolve('dist')));
    const bytes = ours.reduce((sum, file) => sum + require('fs').statSync(file).size, 0);
    console.log(JSON.stringify([ours.length, bytes]));`,
  ),
);
const measured = {
  'tarball, bytes': packed.size,
  'unpacked, bytes': packed.unpackedSize,
  'files in the tarball': packed.entryCount,
  'loaded by register, bytes': bytes,
  'loaded by register, files': files,
};
for (const [name, budget] of Object.entries(BUDGET)) {
  console.log(`${name}: ${measured[name]} of ${budget}`);
  if (!(measured[name] <= budget)) process.exitCode = 1;
}
if (process.exitCode === 1) console.error('Larger than the budget in build/size.mjs');
