import { checkApi } from './api-copies.js';
import { type Check, type Finding, fail, type Surroundings } from './check.js';
import { checkClients } from './clients.js';
import { checkInstalled } from './installed.js';
import { checkNode } from './node-version.js';
import { checkSdk } from './sdk-line.js';

/** Everything that is checked, in this order. Those that need what may be missing are loaded when it is their turn. */
const CHECKS: readonly (readonly [name: string, load: () => Check])[] = [
  ['node', () => checkNode],
  ['package', () => checkInstalled],
  ['api', () => checkApi],
  ['sdk', () => checkSdk],
  ['clients', () => checkClients],
  ['started', () => (require('./started.js') as typeof import('./started.js')).checkStarted],
  ['variables', () => (require('./variables.js') as typeof import('./variables.js')).checkVariables],
  ['requests', () => (require('./requests.js') as typeof import('./requests.js')).checkRequests],
  ['endpoint', () => (require('./endpoint.js') as typeof import('./endpoint.js')).checkEndpoint],
];

export interface Checked extends Finding {
  readonly name: string;
}

/** One after the other; a check that fails itself is a finding as well. Never rejects. */
export async function runChecks(surroundings: Surroundings): Promise<readonly Checked[]> {
  const checked: Checked[] = [];
  for (const [name, load] of CHECKS) checked.push({ name, ...(await found(load, surroundings)) });
  return checked;
}

async function found(load: () => Check, surroundings: Surroundings): Promise<Finding> {
  try {
    return await load()(surroundings);
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return fail('could not be checked', `${reason}. Where a module is missing, install this package again.`);
  }
}
