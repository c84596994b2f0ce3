import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { streamText } from 'ai';
import { wrapModel } from '../../src/ai-sdk/index.js';
import { attachClassification, withRun } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';
import { ENDING, partsOf, scriptedModel, streamed, textParts } from './scripted-model.js';

let recording: Recording;

beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

type Source = ReturnType<typeof streamed>;

/** Streams once, in a run that ends with the result of `read`. */
async function stream(source: Source, read: (stream: ReadableStream) => unknown, signal?: AbortSignal) {
  const model = wrapModel(scriptedModel({ stream: () => source }));
  await withRun({}, async () => {
    const got: Source = await model.doStream({ prompt: [], ...(signal && { abortSignal: signal }) });
    await read(got.stream);
  });
}

const lastStep = async () => (await recording.stop())[0]?.steps[0];

const TEXT = textParts(['a', 'b']).slice(0, -2);
const FINISH = { type: 'finish', ...ENDING.v3 };
const broken = new Error('the model broke');
const overloaded = Object.assign(new Error('Overloaded'), { statusCode: 529 });

/** A stream, and the outcome of its step if the consumer reads all of it. */
const READ: readonly (readonly [what: string, source: () => Source, step: object])[] = [
  ['a finish part', () => streamed([...TEXT, FINISH]), { status: 'completed', error: undefined }],
  [
    'an error after the finish part',
    () => streamed([...TEXT, FINISH], (controller) => controller.error(broken)),
    { status: 'completed', error: undefined },
  ],
  [
    'an error part after the finish part',
    () => streamed([...TEXT, FINISH, { type: 'error', error: broken }]),
    { status: 'completed', error: undefined },
  ],
  [
    'an error part after text',
    () => streamed([...TEXT, { type: 'error', error: broken }]),
    { status: 'error', error: { kind: 'generic', detail: 'the model broke' } },
  ],
  [
    'an error part of a known kind, followed by a finish part',
    () => streamed([...TEXT, { type: 'error', error: overloaded }, FINISH]),
    { status: 'error', error: { kind: 'overloaded', providerStatus: 529, retryable: true } },
  ],
  [
    'two error parts, of which the last one counts',
    () =>
      streamed([
        { type: 'error', error: overloaded },
        { type: 'error', error: broken },
      ]),
    { status: 'error', error: { kind: 'generic', detail: 'the model broke' } },
  ],
  [
    'a stream that errors after text',
    () => streamed(TEXT, (controller) => controller.error(broken)),
    { status: 'error', error: { kind: 'generic', detail: 'the model broke' } },
  ],
  [
    'a stream that errors at once',
    () => streamed([], (controller) => controller.error(broken)),
    { status: 'error', error: { kind: 'generic', detail: 'the model broke' } },
  ],
  [
    'an abort part',
    () => streamed([...TEXT, { type: 'abort' }]),
    { status: 'interrupted', error: undefined },
  ],
  [
    'a stream without a finish part',
    () => streamed(TEXT),
    { status: 'error', error: { kind: 'timeout', type: 'StreamEndedEarlyError', retryable: true } },
  ],
  [
    'a stream without anything',
    () => streamed([]),
    { status: 'error', error: { kind: 'timeout', type: 'StreamEndedEarlyError' } },
  ],
];

test.each(READ)('%s', async (_, source, step) => {
  await stream(source(), (got) => partsOf(got).catch(() => {}));
  expect(await lastStep()).toMatchObject(step);
});

test('errors and parts pass through unchanged', async () => {
  const parts = [...TEXT, { type: 'error', error: broken }];
  const source = streamed(parts, (controller) => controller.error(overloaded));
  await stream(source, async (got) => {
    const reader = got.getReader();
    for (const part of parts) expect((await reader.read()).value).toBe(part);
    await expect(reader.read()).rejects.toBe(overloaded);
    await expect(reader.closed).rejects.toBe(overloaded);
  });
});

test('a cancel before the finish part passes its reason to the model', async () => {
  const reasons: unknown[] = [];
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(TEXT[2]),
    cancel: (reason) => void reasons.push(reason),
  });
  await stream({ stream: endless }, async (got) => {
    const reader = got.getReader();
    await reader.read();
    await reader.cancel(broken);
  });
  expect(reasons).toEqual([broken]);
  expect(await lastStep()).toMatchObject({ status: 'interrupted', error: undefined });
});

test('a cancel after the finish part that fails in the model', async () => {
  const source = new ReadableStream({
    start: (controller) => [...TEXT, FINISH].forEach((part) => void controller.enqueue(part)),
    cancel: () => Promise.reject(broken),
  });
  await stream({ stream: source }, async (got) => {
    const reader = got.getReader();
    for (const _ of [...TEXT, FINISH]) await reader.read();
    await expect(reader.cancel()).rejects.toBe(broken);
  });
  expect(await lastStep()).toMatchObject({ status: 'completed' });
});

test('nothing is read ahead of the consumer', async () => {
  let pulled = 0;
  const counted = new ReadableStream(
    {
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(TEXT[2]);
      },
    },
    { highWaterMark: 0 },
  );
  await stream({ stream: counted }, async (got) => {
    await new Promise((resolve) => setImmediate(resolve));
    expect(pulled).toBe(0);
    const reader = got.getReader();
    await reader.read();
    await reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(pulled).toBe(2);
    await reader.cancel();
  });
});

test('an error of the source arrives without a reader', async () => {
  let fail: (error: Error) => void = () => {};
  const source = new ReadableStream({
    start: (controller) => {
      fail = (error) => controller.error(error);
    },
  });
  await stream({ stream: source }, async (got) => {
    const { closed } = got.getReader();
    fail(broken);
    await expect(closed).rejects.toBe(broken);
  });
  expect(await lastStep()).toMatchObject({ status: 'error', error: { detail: 'the model broke' } });
});

const hanging = () => ({ stream: new ReadableStream() });

/** Reasons of an abort that the model ignores, and the outcome of the step. */
const ABORTS: readonly (readonly [what: string, reason: unknown, step: object])[] = [
  ['without a reason', undefined, { status: 'interrupted' }],
  [
    'for a reason of the application',
    Object.assign(new Error('user left'), { code: 'ECONNRESET' }),
    { status: 'interrupted', error: { kind: 'interrupted', detail: 'user left' } },
  ],
  [
    'for a reason in words',
    'user left',
    { status: 'interrupted', error: { kind: 'interrupted', detail: 'user left' } },
  ],
  [
    'by a time limit',
    new DOMException('too slow', 'TimeoutError'),
    { status: 'error', error: { kind: 'timeout' } },
  ],
  [
    'for a reason that the application has classified',
    attachClassification(new Error('first part is late'), { kind: 'stream_silence_timeout' }),
    { status: 'error', error: { kind: 'stream_silence_timeout' } },
  ],
];

test.each(ABORTS)('an abort %s, without a reader', async (_, reason, step) => {
  const controller = new AbortController();
  await stream(hanging(), () => controller.abort(reason), controller.signal);
  expect(await lastStep()).toMatchObject(step);
});

test('an error that arrives with the abort is kept', async () => {
  const controller = new AbortController();
  const source = streamed([{ type: 'error', error: broken }], () => controller.abort());
  await stream(source, (got) => void partsOf(got), controller.signal);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await lastStep()).toMatchObject({ status: 'error', error: { detail: 'the model broke' } });
});

test('an unread stream ends with its run', async () => {
  await stream(streamed([...TEXT, FINISH]), () => {});
  expect(await recording.stop()).toMatchObject([
    { status: 'completed', hasError: false, steps: [{ status: 'interrupted' }] },
  ]);
});

test('an unread stream ends when it is garbage-collected', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  await stream(streamed([...TEXT, FINISH]), () => {});
  const deadline = Date.now() + 20_000;
  while (recording.handle.stats().liveRuns > 0 && Date.now() < deadline) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(recording.handle.stats().liveRuns).toBe(0);
  expect(await lastStep()).toMatchObject({ status: 'interrupted' });
});

test('a Response of streamText that is read after its run is a step of it', async () => {
  const model = wrapModel(scriptedModel({ stream: () => streamed([...TEXT, FINISH]) }));
  const response = withRun({ runId: 'r' }, () => streamText({ model, prompt: 'Hi' }).toTextStreamResponse());
  expect(await response.text()).toBe('ab');
  expect(await recording.stop()).toMatchObject([
    { id: 'r', status: 'completed', steps: [{ status: 'completed' }] },
  ]);
});
