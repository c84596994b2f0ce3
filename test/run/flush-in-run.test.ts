import OpenAI from 'openai';
import { chatDebug, withRun } from '../../src/index.js';
import { openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

/** A route that returns a stream before its call has failed, and is notified when the response has ended. */
async function failingRoute(openai: OpenAI, over: () => Promise<void>): Promise<Response> {
  let failed: Promise<unknown> = Promise.resolve();
  const body = new ReadableStream({
    start: () => {
      failed = openai.chat.completions.create({ model: 'm', messages: [] }).catch(() => {});
    },
    pull: async (controller) => {
      await failed;
      controller.close();
      await over();
    },
  });
  return new Response(body);
}

let recording: Recording;
let openai: OpenAI;
beforeEach(async () => {
  recording = await startRecording({ capture: 'errors', lingerMillis: 3_600_000 });
  recording.provider.reply(openaiError(500, null, 'server_error', 'Odd'));
  openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
});
afterEach(() => recording.stop());

test('a flush in the context of an ended run delivers its failed call', async () => {
  const over = () => chatDebug().forceFlush();
  const response = await withRun({ chatId: 'c' }, () => failingRoute(openai, over));
  await response.text();
  await recording.receiver.waitForSpans(2);
  expect(await recording.runs()).toMatchObject([
    { chatId: 'c', status: 'error', steps: [{ status: 'error' }] },
  ]);
});

test('a flush elsewhere leaves time for a retry', async () => {
  const response = await withRun({ chatId: 'c' }, () => failingRoute(openai, async () => {}));
  await response.text();
  await recording.handle.forceFlush();
  expect(recording.handle.stats()).toMatchObject({ liveRuns: 1 });
  expect(recording.receiver.spans).toEqual([]);
});

test('a flush inside a run in progress leaves it unchanged', async () => {
  await withRun({ chatId: 'c' }, async () => {
    await openai.chat.completions.create({ model: 'm', messages: [] }).catch(() => {});
    await chatDebug().forceFlush();
    expect(recording.receiver.spans).toEqual([]);
  });
});

test('without a start there is a handle that does nothing', async () => {
  await recording.stop();
  expect(chatDebug().stats()).toMatchObject({ liveRuns: 0, runs: { started: 0 } });
  await chatDebug().forceFlush();
});

test('the handle is that of the start', () => {
  expect(chatDebug()).toBe(recording.handle);
});
