import OpenAI from 'openai';
import { reuseStep, withRun } from '../../src/index.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());

const BROKEN = openaiError(500, null, 'server_error', 'Something broke');
const KEPT = ['generic', 'timeout', 'overloaded'] as const;
const client = () => new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
const ask = async (model = 'm') => {
  await client().chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi' }] });
};
const counted = () => {
  const { liveRuns, runs } = recording.handle.stats();
  return { liveRuns, ...runs };
};

test('a call outside every run is a live run until it ends', async () => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply(completionStream(['Hel', 'lo.'], { delayMillis: 50 }), BROKEN);
  const stream = await client().chat.completions.create({ model: 'm', messages: [], stream: true });
  expect(counted()).toEqual({ liveRuns: 1, started: 1, undecided: 1, kept: 0, dropped: {}, lost: {} });
  for await (const _ of stream);
  expect(counted()).toMatchObject({ liveRuns: 0, started: 1, undecided: 0, dropped: { no_evidence: 1 } });
  await expect(ask()).rejects.toThrow();
  expect(await recording.runs()).toMatchObject([
    { status: 'error', steps: [{ number: 1, attempts: [{ statusCode: 500 }] }] },
  ]);
  expect(counted()).toMatchObject({ started: 2, undecided: 0, kept: 1, dropped: { no_evidence: 1 } });
});

test('a stream cut after a good beginning has its step and run with the times of the call', async () => {
  recording = await startRecording({ capture: 'errors', keepKinds: KEPT });
  recording.provider.reply(completionStream(['a', 'b', 'c'], { cutAfter: 2, delayMillis: 30 }));
  const stream = await client().chat.completions.create({ model: 'gpt-x', messages: [], stream: true });
  const opened = Date.now();
  const read = async () => {
    for await (const _ of stream);
  };
  await expect(read()).rejects.toThrow();
  const [run] = await recording.runs();
  expect(run).toMatchObject({
    status: 'error',
    steps: [{ model: 'gpt-x', attempts: [{ status: 'failed' }] }],
  });
  const spans = await recording.spans();
  for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
    expect(Number(startTimeUnixNano) / 1e6).toBeLessThanOrEqual(opened + 1);
    expect(Number(endTimeUnixNano) - Number(startTimeUnixNano)).toBeGreaterThanOrEqual(50e6);
  }
});

test('a JSON answer that is cut is retried only by a request with the same body', async () => {
  recording = await startRecording({ capture: 'errors' });
  const CUT: Reply = { type: 'cut', when: 'in-body' };
  recording.provider.reply(CUT, BROKEN, CUT, BROKEN);
  const url = `${recording.provider.url}/v1/chat/completions`;
  const post = async (content: string) => {
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });
    const answer = await fetch(url, { method: 'POST', body });
    await answer.text().catch(() => {});
  };
  const twice = (chatId: string, first: string, second: string) =>
    withRun({ chatId }, async () => {
      await post(first);
      await post(second);
    });
  await twice('same', 'Hello', 'Hello');
  await twice('other', 'Hello', 'World');
  const runs = await recording.runs();
  const attempts = (chatId: string) =>
    runs.find((run) => run.chatId === chatId)?.steps.map((step) => step.attempts.length);
  expect(attempts('same')).toEqual([2]);
  expect(attempts('other')?.at(-1)).toBe(1);
});

test('successful calls of a run count as steps when a later one fails', async () => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply(completion('One.'), completionStream(['Two.']), BROKEN, completion('Four.'));
  await withRun({ chatId: 'c' }, async () => {
    await ask('first');
    const stream = await client().chat.completions.create({ model: 'second', messages: [], stream: true });
    for await (const _ of stream);
    await ask('third').catch(() => {});
    await ask('fourth');
  });
  const [run] = await recording.runs();
  expect(run).toMatchObject({ chatId: 'c', status: 'completed', steps: [{ number: 3, model: 'third' }] });
  expect(run).toMatchObject({
    stepCount: 4,
    hasError: true,
    model: 'first',
    provider: 'openai',
    endpoint: 'POST /v1/chat/completions',
  });
});

test('a run whose function has settled waits for its call in progress, also for its failure', async () => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply({ ...BROKEN, delayMillis: 50 } as Reply);
  let call: Promise<unknown> = Promise.resolve();
  withRun({ chatId: 'left' }, () => {
    const url = `${recording.provider.url}/v1/chat/completions`;
    call = fetch(url, { method: 'POST', body: '{"model":"m"}' }).then((response) => response.text());
    return undefined;
  });
  expect(counted()).toMatchObject({ liveRuns: 1, started: 1, undecided: 1 });
  await call;
  expect(await recording.runs()).toMatchObject([
    { chatId: 'left', steps: [{ attempts: [{ statusCode: 500 }] }] },
  ]);
});

test('beyond maxRuns the oldest call is dropped, and kept if it fails later', async () => {
  recording = await startRecording({ capture: 'errors', maxRuns: 1, keepKinds: KEPT });
  let goOn = () => {};
  const before = () => new Promise<void>((resolve) => (goOn = resolve));
  recording.provider.reply(
    { ...completionStream(['a', 'b'], { cutAfter: 1 }), before },
    completion('Hello.'),
  );
  const stream = await client().chat.completions.create({ model: 'm', messages: [], stream: true });
  await ask();
  expect(recording.handle.stats()).toMatchObject({ liveRuns: 0, evicted: { max_runs: 1 } });
  goOn();
  const read = async () => {
    for await (const _ of stream);
  };
  await expect(read()).rejects.toThrow();
  expect(await recording.runs()).toMatchObject([{ status: 'error' }]);
  expect(counted()).toMatchObject({ started: 2, undecided: 0, kept: 1, dropped: { no_evidence: 1 } });
});

test('calls in progress are interrupted by shutdown', async () => {
  recording = await startRecording({ capture: 'errors', keepKinds: ['interrupted'] });
  recording.provider.reply({ ...completionStream(['a', 'b']), hangAfter: 1 } as Reply);
  const controller = new AbortController();
  const options = { signal: controller.signal };
  const create = () => client().chat.completions.create({ model: 'm', messages: [], stream: true }, options);
  await create();
  await withRun({ chatId: 'c' }, () => reuseStep(create));
  await withRun({ chatId: 'c' }, create);
  await recording.handle.shutdown();
  expect(counted()).toMatchObject({
    liveRuns: 0,
    started: 3,
    undecided: 0,
    kept: 0,
    dropped: { no_evidence: 3 },
  });
  controller.abort();
});
