import { expectSame, playedRoundTrips } from '../case/played.js';
import { SCENARIOS } from '../outcomes/scenarios.js';
import { type Pipeline, startPipeline } from './support/pipeline.js';
import { stopAllPrograms } from './support/program.js';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(stopAllPrograms);

test.each(['quick', 'abandoned', 'timed'] as const)(
  'each row of docs/outcomes.md (%s) is the same after its run was stored in a real Jaeger, made a case and replayed',
  async (set) => {
    const { collector, jaeger } = pipeline;
    const plays = [{ mode: 'full', set }] as const;
    const [trips = []] = await playedRoundTrips(plays, 'some', collector.url, jaeger.url);
    const rows = SCENARIOS.filter((one) => (one.set ?? 'quick') === set).map(({ name }) => name);
    expect(new Set(trips.map(({ scenario }) => scenario))).toEqual(new Set(rows));
    expectSame(trips);
  },
  180_000,
);
