import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
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
  execFileSync(process.execPath, [join(REPOSITORY, 'build', 'if-stale.mjs')], { stdio: 'inherit' });
}
