import { SCENARIOS } from '../outcomes/scenarios.js';
import { runs } from '../support/property.js';
import { expectSame, playedRoundTrips } from './played.js';

const IS_LONG = runs(1, 0) === 1;
const CLIENTS = IS_LONG ? 'all' : 'some';
/** Rows that wait for a timeout take seconds each: `npm run test:long` plays them. */
const SETS = IS_LONG ? ['quick', 'abandoned', 'timed'] : ['quick', 'abandoned'];

const namesOf = (set: string) =>
  SCENARIOS.filter((one) => (one.set ?? 'quick') === set).map(({ name }) => name);

test.each(SETS)(
  'full capture: each row (%s) is recorded, made a case, replayed to the same client and recorded as before',
  async (set) => {
    const trips = await playedRoundTrips(['full', set, CLIENTS]);
    expect(new Set(trips.map(({ scenario }) => scenario))).toEqual(new Set(namesOf(set)));
    expect(trips.flatMap(({ synthesised }) => synthesised)).toEqual([]);
    expectSame(trips);
  },
  180_000,
);

test.each(SETS)(
  'errors capture: each kept row (%s) is the same with bodies that are made up, and the case says so',
  async (set) => {
    const trips = await playedRoundTrips(['errors', set, CLIENTS]);
    const failing = SCENARIOS.filter(
      (one) => (one.set ?? 'quick') === set && one.expected.startsWith('error'),
    );
    expect(new Set(trips.map(({ scenario }) => scenario))).toEqual(new Set(failing.map(({ name }) => name)));
    expect(trips.every(({ synthesised }) => synthesised.includes('request'))).toBe(true);
    expectSame(trips);
  },
  180_000,
);

test('without content each row is still the same', async () => {
  expectSame(await playedRoundTrips(['without content', 'quick', CLIENTS]));
});
