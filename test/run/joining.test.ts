import { createOpenAI } from '@ai-sdk/openai';
import { context, trace as traceApi } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { generateText } from 'ai';
import OpenAI from 'openai';
import { fetch as undiciFetch } from 'undici';
import { withRun } from '../../src/index.js';
import { text } from '../support/attributes.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { ReceivedRequest } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import type { RunTree } from '../support/tree.js';

const FAILED = openaiError(500, null, 'server_error', 'Broken');
const RATE_LIMITED = openaiError(429, null, 'rate_limit', 'Slow down', { 'retry-after-ms': '1' });
const BODY = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }] };

let recording: Recording;
afterEach(() => recording.stop());

const url = () => `${recording.provider.url}/v1/chat/completions`;
async function post(user: string, body: object = BODY, init: RequestInit = {}): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-user': user };
  const response = await fetch(url(), { method: 'POST', headers, body: JSON.stringify(body), ...init });
  await response.text();
  return response.status;
}

/** For each run, the user and the status codes of its steps. */
const outline = (runs: readonly RunTree[]) =>
  runs
    .map(
      ({ chatId, steps }) =>
        [chatId, steps.map(({ attempts }) => attempts.map(({ statusCode }) => statusCode))] as const,
    )
    .sort(([a], [b]) => String(a).localeCompare(String(b)));

/** The chat, and the user from the header `x-user`. */
const runFor = ({ header }: { header(name: string): string | undefined }) => {
  const chatId = header('x-user');
  return { chatId, ownerId: chatId };
};

test.each([
  ['a response without streaming', { type: 'cut', when: 'in-body' } as const, [[200, 200]]],
  ['a stream', { ...completionStream('Hello.'), cutAfter: 1 }, [[200], [200]]],
])('%s cut by the connection and retried by the application', async (_, cut, attempts) => {
  recording = await startRecording();
  recording.provider.reply(cut, completion('Hello.'));
  await withRun({ chatId: 'c' }, async () => {
    await expect(post('c')).rejects.toThrow();
    await post('c');
  });
  expect(outline(await recording.runs())).toEqual([['c', attempts]]);
});

test('a call has the capture of its own run, also while another user’s call waits', async () => {
  recording = await startRecording({
    runFor: (request) => ({
      ...runFor(request),
      capture: request.header('x-user') === 'a' ? 'full' : 'errors',
    }),
  });
  recording.provider.reply(RATE_LIMITED, openaiError(400, null, 'invalid_request_error', 'Odd'));
  await post('a');
  await post('b');
  const runs = await recording.runs();
  const b = runs.find(({ chatId }) => chatId === 'b');
  expect(b?.steps).toMatchObject([{ attempts: [{ statusCode: 400 }] }]);
  const attributes = b?.steps[0]?.attempts[0]?.event.attributes ?? {};
  expect(Object.keys(attributes).filter((name) => /body|header|url\.full/.test(name))).toEqual([]);
});

test('equal calls of two users are two runs, the failure of one and the success of the other', async () => {
  recording = await startRecording({ capture: 'errors', runFor });
  recording.provider.reply(FAILED, completion('Hello.'));
  await post('a');
  await post('b');
  expect(outline(await recording.stop())).toEqual([['a', [[500]]]]);
  expect(recording.handle.stats().runs).toMatchObject({ started: 2, kept: 1, dropped: { no_evidence: 1 } });
});

test('equal calls without an owner stay separate, and the failed one says so', async () => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply(FAILED, completion('Hello.'));
  await post('a');
  await post('b');
  const [run, ...others] = await recording.stop();
  expect([run?.steps[0]?.attempts.map(({ statusCode }) => statusCode), others]).toEqual([[500], []]);
  const span = run?.steps[0]?.span;
  expect(span && text(span, 'chatdebug.step.recovery')).toBe('possible');
  // The later call is not written.
  expect(span?.links).toEqual([]);
  const startedAt = Date.parse(String(span && text(span, 'chatdebug.step.recovery_started_at')));
  const endedAt = Number((span?.endTimeUnixNano ?? 0n) / 1_000_000n);
  expect(Math.abs(startedAt - endedAt)).toBeLessThan(1_000);
});

test('the failed one has a link to the later one if that is written', async () => {
  recording = await startRecording();
  recording.provider.reply(FAILED, completion('Hello.'), completion('Hello.'));
  for (const user of ['a', 'b', 'c']) await post(user);
  const [failed, later, ...others] = (await recording.stop()).map(({ steps }) => steps[0]?.span);
  expect(others).toHaveLength(1);
  expect(failed?.links).toMatchObject([{ traceId: later?.traceId, spanId: later?.spanId }]);
  expect(failed && text(failed, 'chatdebug.step.recovery')).toBe('possible');
  expect(failed && text(failed, 'chatdebug.step.recovery_started_at')).toBeUndefined();
  expect([later?.links, others[0]?.links]).toEqual([[], []]);
});

test('a request aborted before it was sent does not join the failure of another', async () => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply(FAILED, { type: 'hang', when: 'before-headers' });
  await post('a');
  const controller = new AbortController();
  const aborted = post('b', { ...BODY, model: 'other' }, { signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toThrow();
  expect(outline(await recording.stop())).toEqual([[undefined, [[500]]]]);
});

test('a call refused by runFor is not recorded, also while an equal call waits', async () => {
  recording = await startRecording({
    runFor: (request) => (request.header('x-user') === 'b' ? false : runFor(request)),
  });
  recording.provider.reply(FAILED, completion('Hello.'));
  await post('a');
  await post('b');
  expect(outline(await recording.stop())).toEqual([['a', [[500]]]]);
});

test('other credentials are another user', async () => {
  recording = await startRecording();
  recording.provider.reply(RATE_LIMITED, completion('Hello.'));
  await post('a', BODY, { headers: { authorization: 'Bearer a' } });
  await post('a', BODY, { headers: { authorization: 'Bearer b' } });
  expect(outline(await recording.stop())).toEqual([
    [undefined, [[429]]],
    [undefined, [[200]]],
  ]);
});

describe.each([
  ['outside every run', (call: () => Promise<unknown>) => call()],
  ['inside a run', (call: () => Promise<unknown>) => withRun({}, call)],
])('%s', (_, around) => {
  test('attempts of one call of the AI SDK are one step', async () => {
    recording = await startRecording();
    recording.provider.reply(RATE_LIMITED, completion('Hello.'));
    const model = createOpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1` }).chat('m');
    await around(() => generateText({ model, prompt: 'Hi' }));
    expect(outline(await recording.stop())).toEqual([[undefined, [[429, 200]]]]);
  });

  test("attempts are one step after the AI SDK's own delay", async () => {
    recording = await startRecording({ capture: 'errors' });
    recording.provider.reply(FAILED, completion('Hello.'));
    const model = createOpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1` }).chat('m');
    await around(() => generateText({ model, prompt: 'Hi' }));
    expect(await recording.stop()).toEqual([]);
    expect(recording.handle.stats().runs).toMatchObject({ started: 1, dropped: { no_evidence: 1 } });
  });

  test('attempts of one call of an SDK that numbers them are one step', async () => {
    recording = await startRecording();
    recording.provider.reply(RATE_LIMITED, RATE_LIMITED, completion('Hello.'));
    const client = new OpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1`, maxRetries: 2 });
    await around(() => client.chat.completions.create(BODY));
    expect(outline(await recording.stop())).toEqual([[undefined, [[429, 429, 200]]]]);
  });

  test('a first retry does not join a call with two attempts', async () => {
    recording = await startRecording();
    recording.provider.reply(RATE_LIMITED, RATE_LIMITED, RATE_LIMITED, completion('Hello.'));
    const numbered = (count: number, body: object) =>
      post('a', body, { headers: { 'x-stainless-retry-count': String(count) } });
    await around(async () => {
      for (const count of [0, 1]) await numbered(count, BODY);
      for (const count of [0, 1]) await numbered(count, { ...BODY, seed: 1 });
    });
    const steps = outline(await recording.stop()).flatMap(([, all]) => all);
    expect(steps).toEqual([
      [429, 429],
      [429, 200],
    ]);
  });
});

test('parallel equal calls of one run: each retry is an attempt of one of them', async () => {
  recording = await startRecording();
  const tries = new Map<string, number>();
  recording.provider.route(({ headers }: ReceivedRequest) => {
    const count = String(headers['x-stainless-retry-count']);
    tries.set(count, (tries.get(count) ?? 0) + 1);
    return count === '0' ? RATE_LIMITED : completion('Hello.');
  });
  const client = new OpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1`, maxRetries: 1 });
  await withRun({}, () => Promise.all([1, 2, 3].map(() => client.chat.completions.create(BODY))));
  expect(outline(await recording.stop())).toEqual([
    [
      undefined,
      [
        [429, 200],
        [429, 200],
        [429, 200],
      ],
    ],
  ]);
  expect([...tries.values()]).toEqual([3, 3]);
});

test('an undecided attempt is recorded when the recording stops', async () => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply(FAILED, { type: 'hang', when: 'before-headers' });
  await post('a');
  const body = new ReadableStream({ start: () => {} });
  const controller = new AbortController();
  const hanging = undiciFetch(url(), {
    method: 'POST',
    body,
    duplex: 'half',
    signal: controller.signal,
  }).catch(() => {});
  await new Promise(setImmediate);
  await recording.handle.shutdown();
  const { started, kept, dropped, lost } = recording.handle.stats().runs;
  expect([started, kept, Object.values(dropped), lost]).toEqual([2, 1, [1], {}]);
  controller.abort();
  await hanging;
});

describe('beside the application’s own tracing', () => {
  const inTrace = (trace: number, span: number, call: () => Promise<unknown>) => {
    const traceId = String(trace).repeat(32);
    const spanId = String(span).repeat(16);
    return context.with(traceApi.setSpanContext(context.active(), { traceId, spanId, traceFlags: 1 }), call);
  };
  beforeEach(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
  afterEach(() => context.disable());

  test('attempts in one trace are one step, each below a span of its own, without those of other traces', async () => {
    recording = await startRecording();
    recording.provider.reply(RATE_LIMITED, completion('Hello.'), RATE_LIMITED, completion('Hello.'));
    await inTrace(1, 1, () => post('a'));
    await inTrace(1, 2, () => post('a'));
    await inTrace(1, 1, () => post('a'));
    await inTrace(2, 1, () => post('a'));
    const steps = outline(await recording.stop()).flatMap(([, all]) => all);
    expect(steps.sort()).toEqual([[200], [429], [429, 200]]);
  });
});
