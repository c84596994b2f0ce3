import * as undici from 'undici';
import { type Recording, startRecording } from '../support/recording.js';
import { record } from './record.js';

let recording: Recording;
beforeAll(async () => {
  recording = await startRecording();
});
afterAll(() => recording.stop());

type Get = (url: string, signal?: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

/** With a body, so that a reason given after it was sent differs from a failure of its source. */
const options = (signal: AbortSignal | undefined) => ({
  method: 'POST' as const,
  body: 'question',
  ...(signal === undefined ? {} : { signal }),
});

const byFetch: Get = async (url, signal) =>
  (await fetch(url, options(signal))).body as unknown as AsyncIterable<Uint8Array>;
const byNpmFetch: Get = async (url, signal) =>
  (await undici.fetch(url, options(signal))).body as unknown as AsyncIterable<Uint8Array>;
const byRequest: Get = async (url, signal) => (await undici.request(url, options(signal))).body;

const CLIENTS: [string, Get][] = [
  ["Node's fetch", byFetch],
  ['npm fetch', byNpmFetch],
  ['npm request', byRequest],
];

const ENDLESS = { type: 'sse' as const, events: Array(1_000).fill('data: 1\n\n'), delayMillis: 2 };

describe.each(CLIENTS)('%s', (_, get) => {
  test('aborted before the headers: interrupted', async () => {
    const { provider } = recording;
    provider.reply({ type: 'hang', when: 'before-headers' });
    const { outcome, run, step, attempt } = await record(recording, async () => {
      const controller = new AbortController();
      const answer = get(provider.url, controller.signal);
      await provider.arrived(provider.requests.length);
      controller.abort();
      return answer;
    });
    expect(outcome).toMatchObject({ error: { name: 'AbortError' } });
    expect(attempt).toMatchObject({ status: 'interrupted', statusCode: undefined, errorType: undefined });
    expect([step.status, run.status, run.hasError]).toEqual(['interrupted', 'interrupted', false]);
  });

  test('aborted in the middle of the body: interrupted, with the received part', async () => {
    recording.provider.reply(ENDLESS);
    const { outcome, step, attempt } = await record(recording, async () => {
      const controller = new AbortController();
      for await (const chunk of await get(recording.provider.url, controller.signal)) {
        controller.abort();
        expect(chunk.length).toBeGreaterThan(0);
      }
    });
    expect(outcome).toMatchObject({ error: { name: 'AbortError' } });
    expect(attempt).toMatchObject({ status: 'interrupted', statusCode: 200 });
    expect(attempt.responseBody).toMatch(/^(data: 1\n\n)+$/);
    expect(step.status).toBe('interrupted');
  });

  test.each([
    ['an error', new Error('the user left')],
    ['a text', 'the user left'],
    ['a number', 7],
  ])(
    'aborted with %s as the reason: interrupted, and the application gets the same reason',
    async (_, reason) => {
      recording.provider.reply(ENDLESS);
      const { outcome, attempt } = await record(recording, async () => {
        const controller = new AbortController();
        for await (const _ of await get(recording.provider.url, controller.signal)) controller.abort(reason);
      });
      expect('error' in outcome && outcome.error).toBe(reason);
      expect(attempt).toMatchObject({ status: 'interrupted', statusCode: 200 });
    },
  );

  test('a deadline of the application is a timeout of its step', async () => {
    recording.provider.reply({ type: 'hang', when: 'in-body' });
    const { outcome, step, attempt } = await record(recording, async () => {
      for await (const _ of await get(recording.provider.url, AbortSignal.timeout(500)));
    });
    expect(outcome).toMatchObject({ error: { name: 'TimeoutError' } });
    expect(attempt).toMatchObject({ statusCode: 200, status: 'failed', errorType: 'TimeoutError' });
    expect(step).toMatchObject({ status: 'error', error: { kind: 'timeout' } });
  });

  test('a timer of the application that aborts: interrupted', async () => {
    recording.provider.reply({ type: 'hang', when: 'in-body' });
    const { step, attempt } = await record(recording, async () => {
      const controller = new AbortController();
      const answer = await get(recording.provider.url, controller.signal);
      setTimeout(controller.abort.bind(controller), 1);
      for await (const _ of answer);
    });
    expect(attempt).toMatchObject({ statusCode: 200, status: 'interrupted' });
    expect(step.status).toBe('interrupted');
  });

  test('leaving a loop over the body: interrupted, while the call succeeded', async () => {
    const { provider } = recording;
    provider.reply(ENDLESS);
    const { outcome, attempt } = await record(recording, async () => {
      for await (const _ of await get(provider.url)) break;
      await provider.gone();
    });
    expect(outcome).toEqual({ value: undefined });
    expect(attempt).toMatchObject({ status: 'interrupted', statusCode: 200 });
  });

  test('a loop over the body that throws: interrupted, and the step failed with that error', async () => {
    const { provider } = recording;
    provider.reply(ENDLESS);
    const mistake = new RangeError('my own mistake');
    const { outcome, step, attempt } = await record(recording, async () => {
      for await (const _ of await get(provider.url)) throw mistake;
    });
    expect('error' in outcome && outcome.error).toBe(mistake);
    expect(attempt.status).toBe('interrupted');
    expect(step).toMatchObject({ status: 'error', error: { kind: 'generic', type: 'RangeError' } });
  });
});

test.each([undefined, 'enough', new Error('enough')])('a body cancelled with %p', async (reason) => {
  const { provider } = recording;
  provider.reply(ENDLESS);
  const { attempt } = await record(recording, async () => {
    const response = await fetch(provider.url);
    await response.body?.cancel(reason);
    await provider.gone();
  });
  expect(attempt).toMatchObject({ status: 'interrupted', statusCode: 200 });
});

test('aborted before the request: no exchange, and the step is interrupted', async () => {
  const before = recording.provider.requests.length;
  const { outcome, step } = await record(recording, async () => {
    await fetch(recording.provider.url, { method: 'HEAD' }); // An attempt that could have a response.
    return fetch(recording.provider.url, { signal: AbortSignal.abort() });
  });
  expect(outcome).toMatchObject({ error: { name: 'AbortError' } });
  expect([step.attempts.length, recording.provider.requests.length - before]).toEqual([1, 1]);
  expect(step.status).toBe('interrupted');
});
