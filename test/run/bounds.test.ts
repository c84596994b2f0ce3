import { startRun, withRun, withStep } from '../../src/index.js';
import { runNode, startNode } from '../support/child.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording | undefined;
afterEach(async () => {
  await recording?.stop();
  recording = undefined;
});

const post = (url: string, body = '{}') =>
  withStep({}, async () => {
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body });
    await response.text();
    if (!response.ok) throw Object.assign(new Error('failed'), { status: response.status });
  });

test('beyond maxRuns the oldest run without evidence is dropped first, and later evidence keeps it', async () => {
  recording = await startRecording({ capture: 'errors', maxRuns: 2 });
  const kept = startRun({ runId: 'kept' });
  kept.with(() => withStep({}, (step) => step.fail(new Error('early'))));
  await recording.receiver.waitForSpans(1);
  const givenUp = startRun({ runId: 'given up' });
  const young = startRun({ runId: 'young' });
  expect(recording.handle.stats()).toMatchObject({ liveRuns: 2, evicted: { max_runs: 1 } });
  givenUp.with(() => withStep({}, (step) => step.fail(new Error('late'))));
  for (const run of [kept, givenUp, young]) run.end();
  const runs = await recording.runs();
  expect(runs.map(({ id, error }) => [id, error?.detail]).sort()).toEqual([
    ['given up', 'late'],
    ['kept', 'early'],
  ]);
});

test('a dropped run that ends late does not affect the live run of the same id', async () => {
  recording = await startRecording({ maxRuns: 1 });
  const givenUp = startRun({ runId: 'same' });
  const other = startRun({});
  other.end();
  const live = startRun({ runId: 'same', chatId: 'live' });
  givenUp.end();
  const joined = startRun({ runId: 'same' });
  expect(recording.handle.stats()).toMatchObject({ liveRuns: 1, evicted: { max_runs: 1 } });
  live.end();
  joined.end();
  const spans = await recording.spans();
  const chats = spans.map(({ attributes }) => [
    attributes['chatdebug.run.id'],
    attributes['gen_ai.conversation.id'],
  ]);
  expect(chats.filter(([id]) => id === 'same').map(([, chat]) => chat)).toEqual([undefined, 'live']);
});

test('a run without activity ends as interrupted, and each chunk is activity', async () => {
  recording = await startRecording({ idleMillis: 600 });
  const { url } = recording.provider;
  recording.provider.reply(
    completionStream(
      Array.from({ length: 10 }, () => 'word '),
      { delayMillis: 100 },
    ),
  );
  await withRun({ runId: 'slow' }, () => post(url));
  startRun({ runId: 'forgotten' });
  await recording.receiver.waitForSpans(3);
  expect((await recording.runs()).map(({ id, status }) => [id, status])).toEqual([
    ['slow', 'completed'],
    ['forgotten', 'interrupted'],
  ]);
  expect(recording.handle.stats()).toMatchObject({ liveRuns: 0, evicted: { idle: 1 } });
});

test('bodies are cut if one run or all runs hold too much, and the memory is released', async () => {
  recording = await startRecording({ maxRunBytes: 2_500, maxBytes: 4_000 });
  const { url } = recording.provider;
  recording.provider.reply(completion('y'.repeat(3_000)));
  await Promise.all(['a', 'b', 'c'].map((runId) => withRun({ runId }, () => post(url, 'x'.repeat(2_000)))));
  const runs = await recording.runs();
  const sizes = runs.map(({ steps }) => steps[0]?.attempts[0]?.requestBody?.length ?? 0);
  expect(sizes.filter((size) => size === 2_000)).toHaveLength(2);
  expect(runs.every(({ status }) => status === 'completed')).toBe(true);
  expect(recording.handle.stats()).toMatchObject({
    bodyBytes: 0,
    evicted: { max_bytes: expect.any(Number) },
  });
  expect(recording.handle.stats().evicted.max_bytes).toBeGreaterThanOrEqual(4);
});

test('beyond maxAttempts the first and last attempts are kept and the others counted', async () => {
  recording = await startRecording({ maxAttempts: 4 });
  const { url } = recording.provider;
  recording.provider.reply(openaiError(500, null, 'server_error', 'broke'));
  await withRun({}, () =>
    withStep({}, async () => {
      for (let i = 0; i < 7; i += 1) await (await fetch(url, { method: 'POST' })).text();
    }),
  );
  const step = (await recording.runs())[0]?.steps[0];
  expect(step?.attempts.map(({ number }) => number)).toEqual([1, 2, 6, 7]);
  expect(step?.span.attributes).toMatchObject({
    'chatdebug.step.attempt_count': 7,
    'chatdebug.step.attempts_left_out': 3,
  });
  expect(recording.handle.stats().evicted.max_attempts).toBe(3);
});

test('beyond maxSteps the oldest held steps are dropped', async () => {
  recording = await startRecording({ capture: 'errors', retain: 'run', maxSteps: 2 });
  recording.provider.reply(completion('x'));
  const { url } = recording.provider;
  await withRun({}, async () => {
    for (let i = 0; i < 4; i += 1) await post(url);
    withStep({}, (step) => step.fail(new Error('unexpected')));
  });
  expect((await recording.runs())[0]?.steps.map(({ number }) => number)).toEqual([3, 4, 5]);
  expect(recording.handle.stats().evicted.max_steps).toBe(2);
});

const ENDLESS = `
const { classifyError, startRun, withStep, startChatDebug } = require('opentelemetry-instrumentation-chatdebug');
const handle = startChatDebug({ maxRuns: 1000 });
const endless = (count) => {
  for (let i = 0; i < count; i++) startRun({ chatId: 'chat ' + i }).with(() => void withStep({}, () => new Promise(() => {})));
};
const used = async () => {
  for (let i = 0; i < 3; i++) { await new Promise(setImmediate); gc(); }
  return process.memoryUsage().heapUsed;
};
(async () => {
  // Loaded a second after the start in any case.
  classifyError(new Error('odd'));
  endless(10000);
  const before = await used();
  endless(100000);
  const after = await used();
  console.log(JSON.stringify({ grown: after - before, ...handle.stats() }));
})();
`;

test('100,000 runs without an end stay within the bound, and the process exits by itself', async () => {
  const child = await runNode({ source: ENDLESS, type: 'commonjs' }, { nodeOptions: ['--expose-gc'] });
  expect(child).toMatchObject({ code: 0, stderr: '' });
  const stats = JSON.parse(child.stdout);
  expect(stats).toMatchObject({ liveRuns: 1000, evicted: { max_runs: 109_000 } });
  expect(stats.grown).toBeLessThan(1_000_000);
});

const FROZEN = `
const { startRun, startChatDebug } = require('opentelemetry-instrumentation-chatdebug');
const handle = startChatDebug({ capture: 'full', idleMillis: 2000 });
const run = startRun({ runId: 'waiting' });
console.log('ready');
process.stdin.once('data', () => {
  console.log('live ' + handle.stats().liveRuns);
  run.end();
  handle.shutdown().then(() => process.exit());
});
`;

test('a process frozen for longer than the time limit still has its runs', async () => {
  const receiver = await startOtlpReceiver();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const child = startNode({ source: FROZEN, type: 'commonjs' }, { env });
  await child.line('ready');
  child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 2_500)); // The time of the freeze is what is tested.
  child.kill('SIGCONT');
  child.send('go on');
  expect(await child.ended).toMatchObject({ code: 0, stdout: 'ready\nlive 1\n', stderr: '' });
  expect(receiver.spans).toMatchObject([{ attributes: { 'chatdebug.run.status': 'completed' } }]);
  await receiver.close();
});
