import type { ScenarioSet } from '../outcomes/scenario.js';
import { runNode } from '../support/child.js';
import type { Mode, RoundTrip } from './round-trip.js';

/** Rows of docs/outcomes.md in one mode. */
export interface Play {
  readonly mode: Mode;
  readonly set: ScenarioSet;
}

/**
 * The round trips of each play. Runs `main.ts` in a separate process: under jest an error of fetch is of another
 * realm, and the clients treat it differently.
 */
export async function playedRoundTrips(
  plays: readonly Play[],
  ...args: readonly string[]
): Promise<readonly (readonly RoundTrip[])[]> {
  const { code, stdout, stderr } = await runNode(['test/case/main.ts', JSON.stringify(plays), ...args], {
    nodeOptions: ['--import', 'tsx'],
  });
  if (code !== 0) throw new Error(`the clients could not be run: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Asserts that the replay was recorded like the original, by its client and by the check. */
export function expectSame(trips: readonly RoundTrip[]): void {
  const name = ({ scenario, operation, client }: RoundTrip) => `${scenario}, ${operation}, ${client}`;
  expect(trips.map((trip) => [name(trip), trip.after])).toEqual(
    trips.map((trip) => [name(trip), trip.before]),
  );
  expect(trips.filter(({ differences }) => differences !== '')).toEqual([]);
}
