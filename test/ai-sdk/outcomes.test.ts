import { createOpenAI } from '@ai-sdk/openai';
import { wrapModel } from '../../src/ai-sdk/index.js';
import { withRun } from '../../src/index.js';
import { completion, completionStream, openaiError, rateLimited } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import { observedGenerate, observedStream } from './observed.js';

let recording: Recording;

beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

type Model = Parameters<typeof observedGenerate>[0];

const openai = () =>
  createOpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1` }).chat('gpt-4o-mini');

const again = { 'retry-after-ms': '1' };
const busy = openaiError(503, 'overloaded', 'server_error', 'busy', again);
const brokenBody: Reply = { type: 'json', body: '{"id": "chatcmpl-1", "choices": [' };
const answer = completion('Hello there');
const words = completionStream('Hello there, you');
const hang: Reply = { type: 'hang', when: 'before-headers' };
const stalled: Reply = { ...words, type: 'sse', events: [...eventsOf(words).slice(0, 3)], done: false };
const errorInside: Reply = {
  ...stalled,
  events: [
    ...eventsOf(stalled),
    { data: { error: { message: 'it broke', type: 'server_error', code: null } } },
  ],
};

function eventsOf(reply: Reply) {
  return reply.type === 'sse' ? reply.events : [];
}

/** Calls the model bare and then wrapped, in a run. The application must see no difference. */
async function both(replies: readonly Reply[], observe: (model: Model) => Promise<unknown>) {
  recording.provider.reply(...replies);
  const bare = await observe(openai());
  const requests = recording.provider.requests.length;
  recording.provider.reply(...replies);
  const wrapped = await withRun({ kind: 'wrapped' }, () => observe(wrapModel(openai())));
  expect(recording.provider.requests.length).toBe(2 * requests);
  expect(wrapped).toEqual(bare);
  return (await recording.stop()).find(({ kind }) => kind === 'wrapped')?.steps;
}

type Row = readonly [what: string, replies: readonly Reply[], steps: readonly object[]];

const failed = (statusCode: number) => ({ status: 'failed', statusCode });

const COMMON = (good: Reply): readonly Row[] => [
  ['a success', [good], [{ status: 'completed', attemptCount: 1, usage: { inputTokens: 20 } }]],
  [
    '400',
    [openaiError(400, 'model_not_found', 'invalid_request_error', 'no such model')],
    [{ status: 'error', error: { kind: 'config', type: 'model_not_found' }, attempts: [failed(400)] }],
  ],
  [
    '401',
    [openaiError(401, 'invalid_api_key', 'invalid_request_error', 'bad key')],
    [{ status: 'error', error: { kind: 'auth', retryable: false }, attempts: [failed(401)] }],
  ],
  [
    'two failures, then a success',
    [busy, rateLimited(1), good],
    [
      {
        status: 'completed',
        error: undefined,
        attempts: [failed(503), failed(429), { status: 'completed' }],
      },
    ],
  ],
  [
    'retries used up',
    [busy, busy, openaiError(500, null, 'server_error', 'broke', again)],
    [{ status: 'error', error: { kind: 'generic' }, attempts: [failed(503), failed(503), failed(500)] }],
  ],
  [
    // Under jest it is not a `TypeError` of the AI SDK's realm, so the AI SDK does not retry.
    'a connection cut before the response',
    [{ type: 'cut', when: 'before-headers' }],
    [{ status: 'error', error: { kind: 'timeout', retryable: true }, attempts: [{ status: 'failed' }] }],
  ],
];

describe('generateText', () => {
  test.each<Row>([
    ...COMMON(answer),
    [
      'a response that is not JSON',
      [brokenBody],
      [{ status: 'error', error: { kind: 'generic' }, attemptCount: 1 }],
    ],
  ])(
    '%s',
    async (_, replies, steps) => {
      expect(await both(replies, (model) => observedGenerate(model))).toMatchObject(steps);
    },
    30_000,
  );

  test('without retries', async () => {
    const steps = await both([rateLimited(1)], (model) => observedGenerate(model, { maxRetries: 0 }));
    expect(steps).toMatchObject([{ status: 'error', error: { kind: 'rate_limit', retryAfterMillis: 1 } }]);
  });

  test.each([
    ['an abort before the answer', undefined, { status: 'interrupted' }],
    ['an abort for a reason', new Error('user left'), { status: 'interrupted' }],
    [
      'a time limit',
      new DOMException('late', 'TimeoutError'),
      { status: 'error', error: { kind: 'timeout', retryable: false } },
    ],
  ])('%s', async (_, reason, step) => {
    const steps = await both([hang], async (model) => {
      const controller = new AbortController();
      const index = recording.provider.requests.length;
      const result = observedGenerate(model, { signal: controller.signal });
      await recording.provider.arrived(index);
      controller.abort(reason);
      return result;
    });
    expect(steps).toMatchObject([{ ...step, attemptCount: 1 }]);
  });
});

describe('streamText', () => {
  test.each<Row>([
    ...COMMON(words),
    [
      'an error in a stream',
      [errorInside],
      [{ status: 'error', error: { kind: 'generic', type: expect.any(String) }, attempts: [failed(200)] }],
    ],
    [
      'a connection that is cut in the stream',
      [{ ...words, cutAfter: 3 } as Reply],
      [{ status: 'error', error: { kind: 'timeout' }, attempts: [failed(200)] }],
    ],
  ])(
    '%s',
    async (_, replies, steps) => {
      expect(await both(replies, (model) => observedStream(model))).toMatchObject(steps);
    },
    30_000,
  );

  test.each([
    ['an abort', undefined, { status: 'interrupted' }],
    [
      'a time limit',
      new DOMException('late', 'TimeoutError'),
      { status: 'error', error: { kind: 'timeout' } },
    ],
  ])('%s in the middle', async (_, reason, step) => {
    const slow: Reply = { ...words, type: 'sse', events: eventsOf(words), delayMillis: 30 };
    const steps = await both([slow], async (model) => {
      const controller = new AbortController();
      const { parts, calls } = await observedStream(model, { signal: controller.signal }, (part) => {
        if (part.type === 'text-delta') controller.abort(reason);
        return true;
      });
      // The number of deltas before depends on timing.
      return { parts: parts.filter((part) => !JSON.stringify(part).includes('"text-delta"')), calls };
    });
    expect(steps).toMatchObject([{ ...step, attemptCount: 1 }]);
  });

  test('an abort before the response', async () => {
    const steps = await both([hang], async (model) => {
      const controller = new AbortController();
      const index = recording.provider.requests.length;
      const events = observedStream(model, { signal: controller.signal });
      await recording.provider.arrived(index);
      controller.abort();
      return events;
    });
    expect(steps).toMatchObject([{ status: 'interrupted', attemptCount: 1 }]);
  });

  test('a consumer that cancels', async () => {
    const slow: Reply = { ...words, type: 'sse', events: eventsOf(words), delayMillis: 30 };
    const steps = await both([slow], (model) =>
      observedStream(model, {}, ({ type }) => type !== 'text-delta'),
    );
    expect(steps).toMatchObject([{ status: 'interrupted', attemptCount: 1 }]);
  });
});
