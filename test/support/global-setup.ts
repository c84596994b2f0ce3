import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');

/** Runs once before the test files, and again before each round of `npm run test:watch`. */
export default function setUp(): void {
  console.log(`\nRandom seed ${seed()} (set CHATDEBUG_TEST_SEED to repeat it)`);
  for (const reason of skipped()) console.log(`Skipped on Node.js ${process.versions.node}: ${reason}`);
  buildIfStale();
}

/** The tests that a version of Node.js skips. `.ci/run` prints these lines. */
function skipped(): string[] {
  const reasons: string[] = [];
  if (Number.parseInt(process.versions.node, 10) < 22)
    reasons.push('tests of node:http2, whose channels Node.js publishes from version 22 on');
  if (!process.allowedNodeEnvironmentFlags.has('--use-env-proxy'))
    reasons.push('tests of NODE_USE_ENV_PROXY, which Node.js has from versions 22.21 and 24 on');
  return reasons;
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
