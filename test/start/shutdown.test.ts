import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { fetch as npmFetch } from 'undici';
import { startChatDebug, startRun, withRun, withStep } from '../../src/index.js';
import { completion } from '../support/openai-replies.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { startRecording } from '../support/recording.js';

const CHANNELS = ['create', 'bodyChunkSent', 'headers', 'bodyChunkReceived', 'trailers', 'error'];
const watched = () => CHANNELS.filter((name) => channel(`undici:request:${name}`).hasSubscribers);

let provider: ScriptedProvider;
beforeAll(async () => {
  provider = await startProvider();
  provider.reply(completion('Hello.'));
});
afterAll(() => provider.close());

const post = { method: 'POST', body: '{}' };
const ask = async () => (await fetch(`${provider.url}/v1/chat/completions`, post)).json();
const askByNpm = async () => (await npmFetch(`${provider.url}/v1/chat/completions`, post)).json();

test('unsubscribes from the channels', async () => {
  expect(watched()).toEqual([]);
  const recording = await startRecording();
  expect(watched()).toEqual(CHANNELS);
  await recording.stop();
  expect(watched()).toEqual([]);
});

test('removes all listeners on the process', async () => {
  const listeners = () => process.eventNames().map((name) => [name, process.rawListeners(name)]);
  const before = listeners();
  const recording = await startRecording();
  expect(listeners()).not.toEqual(before);
  await withRun({}, () => withStep({}, ask));
  await recording.stop();
  expect(listeners()).toEqual(before);
});

test.each([
  ['Node’s own fetch', ask],
  ['npm undici', askByNpm],
])('restores the request prototype of %s', async (_, call) => {
  const prototype = await requestPrototype(call);
  const before = Object.getOwnPropertyDescriptors(prototype);
  const recording = await startRecording();
  await withRun({}, () => withStep({}, call));
  const [run] = await recording.stop();
  expect(run?.steps[0]?.attempts[0]?.responseBody).toContain('Hello.');
  expect(Object.getOwnPropertyDescriptors(prototype)).toEqual(before);
  expect(Reflect.ownKeys(prototype)).toEqual(Reflect.ownKeys(before));
});

test('a later wrapper stays, and the one below it does nothing', async () => {
  const prototype = await requestPrototype(ask);
  const original = Object.getOwnPropertyDescriptor(prototype, 'onData');
  // undici 8 has no such method and publishes its chunks: nothing is wrapped.
  if (original === undefined) return expect(process.versions['undici']).toMatch(/^8\./);
  const recording = await startRecording();
  await withRun({}, () => withStep({}, ask));
  const beneath: unknown = Reflect.get(prototype, 'onData');
  const seen: unknown[] = [];
  const onTop = function (this: unknown, chunk: unknown): unknown {
    seen.push(chunk);
    return typeof beneath === 'function' ? beneath.call(this, chunk) : undefined;
  };
  Object.defineProperty(prototype, 'onData', { ...original, value: onTop });
  await recording.stop();
  expect(Reflect.get(prototype, 'onData')).toBe(onTop);
  expect(await ask()).toMatchObject({ object: 'chat.completion' });
  expect(seen.length).toBeGreaterThan(0);
  Object.defineProperty(prototype, 'onData', original);
});

test('open runs are interrupted and delivered', async () => {
  const recording = await startRecording();
  const run = startRun({ chatId: 'open' });
  const { promise: forever, resolve: end } = deferred();
  const { promise: asked, resolve: tellAsked } = deferred();
  const step = run.with(() =>
    withStep({}, async () => {
      await ask();
      tellAsked();
      await forever;
    }),
  );
  await asked;
  expect(await recording.stop()).toMatchObject([
    { chatId: 'open', status: 'interrupted', steps: [{ number: 1, status: 'interrupted' }] },
  ]);
  end();
  await step;
  run.end();
});

test('afterwards functions are only called, also inside a former run', async () => {
  const recording = await startRecording();
  const result = await withRun({}, async (run) => {
    const runs = await recording.stop();
    const error = new Error('mine');
    await expect(withStep({}, () => Promise.reject(error))).rejects.toBe(error);
    return [run.with(() => withStep({}, (step) => step.number)), await withRun({}, ask), runs.length];
  });
  expect(result).toMatchObject([0, { object: 'chat.completion' }, 1]);
  expect(recording.receiver.spans).toHaveLength(1);
  expect(startRun({}).traceId).toBeUndefined();
});

test('a second shutdown or flush does nothing, and a start afterwards is a new one', async () => {
  const first = await startRecording();
  await withRun({ chatId: 'first' }, () => withStep({}, ask));
  const done = first.handle.shutdown();
  const second = await startRecording();
  expect(second.handle).not.toBe(first.handle);
  expect(first.handle.shutdown()).toBe(done);
  await Promise.all([done, first.handle.forceFlush()]);
  expect(watched()).toEqual(CHANNELS);
  await withRun({ chatId: 'second' }, () => withStep({}, ask));
  expect((await first.stop()).map(({ chatId }) => chatId)).toEqual(['first']);
  expect((await second.stop()).map(({ chatId }) => chatId)).toEqual(['second']);
});

test('flush and shutdown never reject, regardless of the exporter', async () => {
  const error = new Error('the exporter’s own');
  const handle = startChatDebug({
    capture: 'full',
    shutdownTimeoutMillis: 100,
    exporter: { export: (_, done) => done({ code: 1, error }), shutdown: () => Promise.reject(error) },
  });
  await withRun({}, () => withStep({}, ask));
  await expect(handle.forceFlush()).resolves.toBeUndefined();
  await withRun({}, () => withStep({}, ask));
  await expect(handle.shutdown()).resolves.toBeUndefined();
});

test('a context of an earlier start is outside every run of the next', async () => {
  const first = await startRecording();
  const old = startRun({ chatId: 'old' });
  await old.with(async () => {
    await first.stop();
    const second = await startRecording();
    await withStep({}, ask);
    await withRun({ chatId: 'new' }, () => withStep({}, ask));
    old.with(() => withStep({}, () => 1));
    old.end();
    // The first is the request's own run.
    const runs = await second.stop();
    expect(runs).toMatchObject([
      { chatId: undefined, steps: [{ number: 1 }], children: [] },
      { chatId: 'new', steps: [{ number: 1 }], children: [] },
    ]);
    expect(runs.map(({ span }) => span?.parentSpanId)).toEqual([undefined, undefined]);
  });
});

test('a run inside a handle of an earlier start has no parent there', async () => {
  const first = await startRecording();
  const old = startRun({ chatId: 'old' });
  await first.stop();
  const second = await startRecording();
  await old.with(() => withRun({ chatId: 'new' }, () => withStep({}, ask)));
  old.end();
  const runs = await second.stop();
  expect(runs).toMatchObject([{ chatId: 'new', steps: [{ number: 1 }] }]);
  expect(runs[0]?.span?.parentSpanId).toBeUndefined();
});

/** The prototype of undici's request objects, one per copy of undici. */
async function requestPrototype(call: () => Promise<unknown>): Promise<object> {
  let prototype: object = {};
  const look = (message: unknown) => {
    prototype = Object.getPrototypeOf((message as { request: object }).request);
  };
  subscribe('undici:request:create', look);
  await call();
  unsubscribe('undici:request:create', look);
  return prototype;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
