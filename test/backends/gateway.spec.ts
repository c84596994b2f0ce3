import { buildTree } from '../support/tree.js';
import { ANSWERED, BROKEN, startApplication } from './support/application.js';
import { type Collector, startCollector } from './support/collector.js';
import { stopAllPrograms } from './support/program.js';
import { sendSpan } from './support/raw-span.js';
import { type SinkCollector, startSinkCollector } from './support/sink.js';
import { until } from './support/until.js';

const TRACES = 40;
const TURNS = 40;

let deciders: SinkCollector[];
let spreaders: Collector[];
beforeAll(async () => {
  const decider = () =>
    startSinkCollector({ config: 'collector-config.yaml' }, ['traces/runs', 'traces/others']);
  deciders = await Promise.all([decider(), decider()]);
  const env = { DECIDERS: JSON.stringify(deciders.map(({ collector }) => collector.grpc)) };
  const spreader = () => startCollector({ config: 'examples/collector/gateway-spread.yaml', env });
  spreaders = await Promise.all([spreader(), spreader()]);
});
afterAll(async () => {
  await Promise.all(deciders.map(({ sink }) => sink.close()));
  await stopAllPrograms();
});

const runsAt = ({ sink }: SinkCollector, chat: string) =>
  buildTree(sink.spans).filter(({ chatId, span }) => chatId === chat && span !== undefined);

test('all spans of a trace reach the same decider, through any instance of the first tier', async () => {
  const id = (number: number, length: number) => number.toString(16).padStart(length, 'a');
  for (let trace = 0; trace < TRACES; trace++) {
    for (const [index, { url }] of spreaders.entries()) {
      await sendSpan(url, { traceId: id(trace, 32), spanId: id(100 * trace + index, 16) });
    }
  }
  const all = () => deciders.map(({ sink }) => sink.spans.filter(({ scope }) => scope.name === 'raw'));
  await until(async () => all().flat().length === TRACES * spreaders.length, 'all spans');
  const traces = all().map((spans) => new Set(spans.map(({ traceId }) => traceId)).size);
  expect(traces.reduce((sum, count) => sum + count)).toBe(TRACES);
  expect(Math.min(...traces)).toBeGreaterThan(0);
});

test('nothing is lost while a decider is unavailable', async () => {
  const application = await startApplication(spreaders[0]?.url ?? '', { decide: 'collector' });
  const [away] = deciders;
  await away?.collector.stop();
  for (let turn = 0; turn < TURNS; turn++) await application.turn({ chatId: 'away' }, ANSWERED, BROKEN);
  await application.stop();
  await away?.collector.again();
  const runs = () => deciders.flatMap((decider) => runsAt(decider, 'away'));
  await until(async () => runs().length === TURNS, 'all runs', 90_000);
  expect(runs().every(({ steps }) => steps.length === 2)).toBe(true);
  expect(application.handle.stats().delivery.lost).toEqual({});
});
