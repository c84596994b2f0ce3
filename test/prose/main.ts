import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../support/cache.js';

/** The newest release whose dependencies are all on the public Go module proxy. */
const VALE = 'github.com/vale-cli/vale/v3/cmd/vale@v3.22.0';
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs',
  'bench/README.md',
  'bench/long-run/README.md',
  'src',
];

/** `npm run prose [-- FILE ...]`: checks the language of the pages and of the comments in `src/`. */
function main(): void {
  const files = process.argv.slice(2);
  const { status } = spawnSync(
    ensureVale(),
    ['--config', join(__dirname, 'vale.ini'), ...(files.length > 0 ? files : PAGES)],
    { stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
}

/** Builds Vale where the cache has none, which takes a minute. Needs Go 1.26 and a C compiler. */
function ensureVale(): string {
  const directory = cacheFolder('vale', VALE);
  const binary = join(directory, 'vale');
  if (existsSync(binary)) return binary;
  console.log(`Building ${VALE} …`);
  mkdirSync(directory, { recursive: true });
  const env = { ...process.env, GOBIN: directory, CGO_ENABLED: '1' };
  // The same flags as for the backends: Go then compiles its standard library once.
  const { status, error } = spawnSync('go', ['install', '-gcflags=all=-dwarf=false', '-ldflags=-s', VALE], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error !== undefined) throw new Error(`Cannot run go, which builds Vale: ${error.message}`);
  if (status !== 0) throw new Error(`go install ${VALE} exited with ${status}`);
  return binary;
}

main();
