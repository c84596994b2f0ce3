import { metrics } from '@opentelemetry/api';
import OpenAI from 'openai';
import { type ChatDebugOptions, withRun, withStep } from '../../src/index.js';
import { inLockstep } from '../support/lockstep.js';
import { type CollectedMetrics, collectMetrics } from '../support/metrics.js';
import { completion, completionStream } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

const METRIC = 'gen_ai.client.operation.time_per_output_chunk';
const WORDS = 'One two three four.';
/** The pieces of the text, with the first and last events of the stream. */
const EVENTS = 4 + 3 + 1;
const DELAY_MILLIS = 25;

let recording: Recording;
let collected: CollectedMetrics;
beforeEach(() => {
  collected = collectMetrics();
});
afterEach(async () => {
  await recording.stop();
  metrics.disable();
  delete process.env['CHATDEBUG_CHUNK_METRICS'];
});

const start = async (options: ChatDebugOptions) => {
  recording = await startRecording({ capture: 'errors', ...options });
};
const client = () => new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
const stream = async (onEvent = () => {}) => {
  for await (const _ of await client().chat.completions.create({ model: 'm', messages: [], stream: true }))
    onEvent();
};
/** Each event is a chunk. */
const spacedStream = async () => {
  const { reply, read } = inLockstep(completionStream(WORDS, { delayMillis: DELAY_MILLIS }));
  recording.provider.reply(reply);
  await stream(read);
};
const ask = () => client().chat.completions.create({ model: 'm', messages: [] });
const measured = async () => {
  await recording.handle.forceFlush();
  return collected.points(METRIC);
};

test.each<[string, ChatDebugOptions, () => Promise<void>]>([
  ['of a healthy call', {}, spacedStream],
  ['of a step', {}, () => withRun({}, () => withStep({ model: 'm' }, spacedStream))],
  ['in full capture', { capture: 'full' }, spacedStream],
])('each chunk after the first one is measured: %s', async (_what, options, turn) => {
  metrics.setGlobalMeterProvider(collected.provider);
  await start({ chunkMetrics: true, ...options });
  await turn();
  const points = await measured();
  expect(points).toMatchObject([
    {
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'm',
        'server.address': '127.0.0.1',
      },
      value: { count: EVENTS - 1 },
    },
  ]);
  const [value] = points.map((point) => (typeof point.value === 'number' ? undefined : point.value));
  // Timers may fire up to a millisecond early.
  expect(value?.sum).toBeGreaterThan(((EVENTS - 1) * (DELAY_MILLIS - 1)) / 1_000);
});

test('a response that is not streamed is not measured', async () => {
  metrics.setGlobalMeterProvider(collected.provider);
  process.env['CHATDEBUG_CHUNK_METRICS'] = 'true';
  await start({});
  recording.provider.reply(completion('Hello.'));
  await ask();
  expect(await measured()).toEqual([]);
  await spacedStream();
  expect(await collected.count(METRIC)).toBe(0);
  await recording.handle.forceFlush();
  expect(await collected.count(METRIC)).toBe(EVENTS - 1);
});

test('nothing is measured without the option, or without a meter provider when the call begins', async () => {
  await start({ chunkMetrics: true });
  recording.provider.reply(completionStream(WORDS));
  await stream();
  metrics.setGlobalMeterProvider(collected.provider);
  expect(await measured()).toEqual([]);
  await recording.stop();
  await start({});
  await spacedStream();
  expect(await measured()).toEqual([]);
});

test('a response of very many chunks does not hold all their times', async () => {
  metrics.setGlobalMeterProvider(collected.provider);
  await start({ chunkMetrics: true });
  const words = Array.from({ length: 2_000 }, (_, index) => `word ${index} `);
  recording.provider.reply(completionStream(words, { delayMillis: 0 }));
  await stream();
  await recording.handle.forceFlush();
  const count = await collected.count(METRIC);
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(1_000);
});
