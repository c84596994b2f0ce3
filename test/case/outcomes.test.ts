import type { ScenarioSet } from '../outcomes/scenario.js';
import { SCENARIOS } from '../outcomes/scenarios.js';
import { runs } from '../support/property.js';
import { expectSame, type Play, playedRoundTrips } from './played.js';
import type { Mode, RoundTrip } from './round-trip.js';

const IS_LONG = runs(1, 0) === 1;
const CLIENTS = IS_LONG ? 'all' : 'some';
/** Rows that wait for a timeout take seconds each. `npm run test:long` plays them. */
const SETS: readonly ScenarioSet[] = IS_LONG ? ['quick', 'abandoned', 'timed'] : ['quick', 'abandoned'];

const PLAYS: readonly Play[] = [
  ...SETS.flatMap((set) => [{ mode: 'full', set } as const, { mode: 'errors', set } as const]),
  { mode: 'without content', set: 'quick' },
];
const TIMEOUT_MILLIS = PLAYS.length * 60_000;

const namesOf = (set: string) =>
  SCENARIOS.filter((one) => (one.set ?? 'quick') === set).map(({ name }) => name);

let all: readonly (readonly RoundTrip[])[] = [];
beforeAll(async () => {
  // One process for all of them, since the clients take seconds to load.
  all = await playedRoundTrips(PLAYS, CLIENTS);
}, TIMEOUT_MILLIS);

function tripsOf(mode: Mode, set: ScenarioSet): readonly RoundTrip[] {
  const trips = all[PLAYS.findIndex((play) => play.mode === mode && play.set === set)] ?? [];
  expect(trips).not.toHaveLength(0);
  return trips;
}

test.each(SETS)(
  'full capture: each row (%s) is recorded, made a case, replayed to the same client and recorded as before',
  (set) => {
    const trips = tripsOf('full', set);
    expect(new Set(trips.map(({ scenario }) => scenario))).toEqual(new Set(namesOf(set)));
    expect(trips.flatMap(({ synthesised }) => synthesised)).toEqual([]);
    expectSame(trips);
  },
);

test.each(SETS)(
  'errors capture: each kept row (%s) is the same with synthesised bodies, and the case says so',
  (set) => {
    const trips = tripsOf('errors', set);
    const failing = SCENARIOS.filter(
      (one) => (one.set ?? 'quick') === set && one.expected.startsWith('error'),
    );
    expect(new Set(trips.map(({ scenario }) => scenario))).toEqual(new Set(failing.map(({ name }) => name)));
    expect(trips.every(({ synthesised }) => synthesised.includes('request'))).toBe(true);
    expectSame(trips);
  },
);

test('without content each row is still the same', () => {
  expectSame(tripsOf('without content', 'quick'));
});
