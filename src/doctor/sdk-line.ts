import { type Finding, fail, ok, type Surroundings, warn } from './check.js';
import { OUR_NAME } from './package-file.js';
import { type InstalledPackage, reachablePackages } from './package-tree.js';
import { numbersOf } from './version-number.js';

/** What every SDK of a line is built on: the first up to 2.x, the second from 3.x on. */
const SDK = ['@opentelemetry/sdk-trace-base', '@opentelemetry/sdk-trace'];

/** What `pipeline: 'app'` and `ErrorKindSampler` fit. */
const LINES = [2, 3];

/** Which line of OpenTelemetry's SDK the application has: this package brings what it writes its own spans with. */
export function checkSdk({ folder, env }: Surroundings): Finding {
  const theirs = reachablePackages(folder, OUR_NAME).filter(({ name }) => SDK.includes(name));
  if (theirs.length === 0) return ok('the application has none of its own');
  const versions = [...new Set(theirs.map(({ version }) => version))].join(' and ');
  const says = `the application has ${versions}`;
  if (theirs.every((sdk) => LINES.includes(lineOf(sdk)))) return ok(says);
  const beside = 'Beside each other both work, since neither sees the other.';
  return env['CHATDEBUG_PIPELINE']?.trim() === 'app'
    ? fail(says, `CHATDEBUG_PIPELINE=app takes an SDK of the lines 2.x and 3.x. Leave it out. ${beside}`)
    : warn(says, `${beside} pipeline: 'app' and ErrorKindSampler are made for 2.x and 3.x.`);
}

function lineOf({ version }: InstalledPackage): number {
  return numbersOf(version)[0];
}
