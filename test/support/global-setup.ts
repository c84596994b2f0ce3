import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');

/** Runs once before the test files, and again before each round of `npm run test:watch`. */
export default function setUp(): void {
  console.log(`\nRandom seed ${seed()} (set CHATDEBUG_TEST_SEED to repeat it)`);
  buildIfStale();
}

/** The workers inherit the environment. */
function seed(): string {
  const given = process.env['CHATDEBUG_TEST_SEED'];
  if (given !== undefined && !/^\d{1,9}$/.test(given)) {
    throw new Error(`Invalid CHATDEBUG_TEST_SEED "${given}": expected a whole number of at most nine digits`);
  }
  const value = given ?? String(randomInt(1_000_000_000));
  process.env['CHATDEBUG_TEST_SEED'] = value;
  return value;
}

/** Tests that start a child process run the built package. */
function buildIfStale(): void {
  const built = statSync(join(REPOSITORY, 'dist', 'index.js'), { throwIfNoEntry: false });
  if (built !== undefined && built.mtimeMs > newestSource()) return;
  execFileSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['run', '--silent', 'build'], {
    cwd: REPOSITORY,
    stdio: 'inherit',
  });
}

/** A folder changes with each file that is added, renamed or deleted in it. */
function newestSource(): number {
  const src = join(REPOSITORY, 'src');
  const inside = readdirSync(src, { recursive: true, encoding: 'utf8' }).map((path) => join(src, path));
  const build = ['main.mjs', 'rolldown.config.mjs', 'third-party-notices.mjs'].map((name) =>
    join('build', name),
  );
  const others = ['package.json', 'tsconfig.json', ...build].map((path) => join(REPOSITORY, path));
  const paths = [...others, src, ...inside];
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}
