import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { withRun, withStep } from '../../src/index.js';
import { completion } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording({ lingerMillis: 0 });
  recording.provider.reply(completion('x'));
});
afterEach(() => recording.stop());

const ask = (model: string) =>
  withStep({ model }, async () => {
    const response = await fetch(`${recording.provider.url}/v1/chat/completions`, {
      method: 'POST',
      body: '{}',
    });
    await response.text();
  });

/** Ways to continue asynchronously in an application, each followed by a model call. */
const WAYS: Readonly<Record<string, () => Promise<unknown>>> = {
  'a timer': () => new Promise((resolve) => void setTimeout(() => resolve(ask('m')), 1)),
  setImmediate: () => new Promise((resolve) => void setImmediate(() => resolve(ask('m')))),
  nextTick: () => new Promise((resolve) => process.nextTick(() => resolve(ask('m')))),
  'an event emitter': async () => {
    const emitter = new EventEmitter();
    const heard = once(emitter, 'asked');
    emitter.on('question', () => emitter.emit('asked', ask('m')));
    setTimeout(() => emitter.emit('question'), 1);
    await (await heard)[0];
  },
  'a Node stream': () =>
    pipeline(Readable.from(['question']), async (questions) => {
      for await (const _ of questions) await ask('m');
    }),
  'a web stream': () =>
    new ReadableStream({ pull: (controller) => ask('m').then(() => controller.close()) }).getReader().read(),
  'an async generator': async () => {
    async function* answers() {
      yield await ask('m');
    }
    for await (const _ of answers());
  },
  "the application's own AsyncLocalStorage": () => new AsyncLocalStorage().run('tenant', () => ask('m')),
  'parallel branches': () => Promise.all([ask('m'), Promise.resolve().then(() => {})]),
};

test.each(Object.entries(WAYS))('across %s the step stays in its run', async (_, way) => {
  await Promise.all([
    withRun({ runId: 'this' }, async () => {
      await way();
    }),
    withRun({ runId: 'other' }, () => ask('other')),
  ]);
  const runs = await recording.runs();
  expect(runs.find(({ id }) => id === 'this')?.steps).toMatchObject([{ model: 'm', attemptCount: 1 }]);
  expect(runs.find(({ id }) => id === 'other')?.steps).toMatchObject([{ model: 'other', attemptCount: 1 }]);
});

test('a returned async generator stays in its run where it is consumed, also inside another run', async () => {
  async function* answers() {
    yield 'thinking';
    await ask('m');
    yield 'done';
  }
  const generator = await withRun({ runId: 'this' }, async () => answers());
  const read: string[] = [];
  await withRun({ runId: 'other' }, async () => {
    for await (const word of generator) read.push(word);
  });
  expect(read).toEqual(['thinking', 'done']);
  const runs = await recording.runs();
  expect(runs.find(({ id }) => id === 'this')).toMatchObject({
    steps: [{ model: 'm' }],
    status: 'completed',
  });
  expect(runs.find(({ id }) => id === 'other')?.steps).toEqual([]);
});

test('an error of a consumed generator is the error of its run, and the consumer gets it unchanged', async () => {
  const thrown = new TypeError('unexpected');
  async function* answers() {
    yield 1;
    throw thrown;
  }
  const generator = withRun({ runId: 'this' }, answers);
  await generator.next();
  await expect(generator.next()).rejects.toBe(thrown);
  expect(await recording.runs()).toMatchObject([{ id: 'this', status: 'error', error: { kind: 'generic' } }]);
});

test("the application's own context is unchanged", () => {
  const own = new AsyncLocalStorage<string>();
  own.run('tenant', () => withRun({}, () => expect(own.getStore()).toBe('tenant')));
  expect(own.getStore()).toBeUndefined();
});
