import { AsyncResource } from 'node:async_hooks';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { wrapModel } from '../../src/ai-sdk/index.js';
import { withRun, withStep } from '../../src/index.js';
import { scriptedModel } from '../ai-sdk/scripted-model.js';
import { type Recording, startRecording } from '../support/recording.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

let recording: Recording;
afterEach(() => recording.stop());

/** V8 may hold one or two of them, such as the last thrown error. */
async function collectedOf(references: readonly WeakRef<object>[]): Promise<number> {
  const count = () => references.filter((reference) => reference.deref() === undefined).length;
  for (let tries = 0; tries < 20 && count() < references.length; tries += 1) {
    await turnOfLoop();
    collect();
  }
  return count();
}

/** Fails with an error that contains a prompt, and leaves a context of the run and of its step. */
async function fail(contexts: AsyncResource[]): Promise<WeakRef<object>> {
  const error = Object.assign(new Error('unexpected'), { prompt: 'x'.repeat(1_000) });
  await withRun({ chatId: 'c' }, () =>
    withStep({}, () => {
      contexts.push(new AsyncResource('left behind'));
      return Promise.reject(error);
    }),
  ).catch(() => {});
  return new WeakRef(error);
}

test.each(['errors', 'full'] as const)(
  'in %s capture the error of an ended run is released, although a context survives',
  async (capture) => {
    recording = await startRecording({ capture });
    const contexts: AsyncResource[] = [];
    const errors: WeakRef<object>[] = [];
    for (let turn = 0; turn < 20; turn += 1) errors.push(await fail(contexts));
    await recording.receiver.waitForSpans(40);
    await recording.handle.forceFlush();
    expect(await collectedOf(errors)).toBeGreaterThanOrEqual(18);
    expect(contexts).toHaveLength(20);
  },
);

test('an unread stream is garbage-collected, although a listener of its signal holds it', async () => {
  recording = await startRecording({ idleMillis: 3_600_000 });
  const model = wrapModel(scriptedModel({ stream: () => ({ stream: new ReadableStream({}) }) }));
  const open = async () => {
    const controller = new AbortController();
    const abortSignal = controller.signal;
    const { stream } = (await withRun({ chatId: 'c' }, () => model.doStream({ abortSignal }))) as {
      stream: ReadableStream;
    };
    abortSignal.addEventListener('abort', () => void stream.cancel());
    return new WeakRef(stream);
  };
  const streams = await Promise.all(Array.from({ length: 20 }, open));
  expect(await collectedOf(streams)).toBeGreaterThanOrEqual(18);
});
