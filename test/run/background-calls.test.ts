import OpenAI from 'openai';
import { withRun } from '../../src/index.js';
import { openaiError } from '../support/openai-replies.js';
import { responseEvent } from '../support/openai-responses-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import type { Encoding } from '../support/reply.js';
import type { RunTree } from '../support/tree.js';

let recording: Recording;
afterEach(() => recording.stop());

const answer = (status: string, id = 'resp_1') => ({
  id,
  object: 'response',
  created_at: 1_760_000_000,
  status,
  background: true,
  error: null,
  model: 'gpt-5-mini-2025',
  output: [],
  usage: status === 'completed' ? { input_tokens: 20, output_tokens: 10, total_tokens: 30 } : null,
  instructions: 'x'.repeat(20_000),
});

const reply = (status: string, id?: string, encoding?: Encoding): Reply => ({
  type: 'json',
  body: answer(status, id),
  ...(encoding && { encoding }),
});
const BROKEN = openaiError(500, null, 'server_error', 'Oh.', { 'retry-after-ms': '1' });

const client = (apiKey = 'k', maxRetries = 0): OpenAI =>
  new OpenAI({ apiKey, baseURL: `${recording.provider.url}/v1`, maxRetries });

const create = (openai: OpenAI) =>
  openai.responses.create({ model: 'gpt-5-mini', input: 'Hi', background: true });

/** As in the documentation of the API. */
async function pollToTheEnd(openai: OpenAI, id: string): Promise<string | undefined> {
  let { status } = await openai.responses.retrieve(id);
  while (status === 'queued' || status === 'in_progress') ({ status } = await openai.responses.retrieve(id));
  return status;
}

/** For each run, methods and status codes of its steps. */
const outline = (all: readonly RunTree[]) =>
  all.map(({ steps }) =>
    steps.map(({ status, attempts }) => [
      status,
      ...attempts.map(({ method, statusCode }) => `${method} ${statusCode}`),
    ]),
  );

describe.each([
  ['outside every run', (call: () => Promise<unknown>) => call()],
  ['inside a run', (call: () => Promise<unknown>) => withRun({}, call)],
])('%s', (_, around) => {
  test('a background call and its polls are one step', async () => {
    recording = await startRecording();
    recording.provider.reply(reply('queued'), reply('in_progress'), reply('in_progress'), reply('completed'));
    await around(async () => {
      const { id } = await create(client());
      expect(await pollToTheEnd(client(), id)).toBe('completed');
    });
    const [run] = await recording.stop();
    expect(outline([run as RunTree])).toEqual([[['completed', 'POST 200', 'GET 200', 'GET 200', 'GET 200']]]);
    expect(run).toMatchObject({
      model: 'gpt-5-mini',
      firstMessage: 'Hi',
      usage: { inputTokens: 20, outputTokens: 10 },
      steps: [
        {
          model: 'gpt-5-mini',
          operation: 'generate',
          span: {
            attributes: {
              'gen_ai.response.id': 'resp_1',
              'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]',
            },
          },
        },
      ],
    });
  });

  test('in errors mode a successful one leaves nothing, and a failed one is kept with its model', async () => {
    recording = await startRecording({ capture: 'errors' });
    recording.provider.reply(reply('queued'), reply('in_progress', 'resp_1', 'gzip'), reply('completed'));
    await around(async () => pollToTheEnd(client(), (await create(client())).id));
    await recording.handle.forceFlush();
    expect(recording.handle.stats()).toMatchObject({
      liveRuns: 0,
      bodyBytes: 0,
      runs: { started: 1, kept: 0, dropped: { no_evidence: 1 } },
    });
    recording.provider.reply(reply('queued'), reply('in_progress'), openaiError(404, null, 'x', 'Gone'));
    await around(async () => pollToTheEnd(client(), (await create(client())).id).catch(() => {}));
    const all = await recording.stop();
    expect(outline(all)).toEqual([[['error', 'POST 200', 'GET 200', 'GET 404']]]);
    expect(all[0]?.steps[0]?.model).toBe('gpt-5-mini');
  });

  test('a failed poll is retried in the same step', async () => {
    recording = await startRecording();
    recording.provider.reply(reply('queued'), BROKEN, BROKEN, reply('completed'));
    await around(async () => pollToTheEnd(client('k', 2), (await create(client())).id));
    expect(outline(await recording.stop())).toEqual([
      [['completed', 'POST 200', 'GET 500', 'GET 500', 'GET 200']],
    ]);
  });

  test('its stream is resumed in its step, also after a cut', async () => {
    recording = await startRecording({ capture: 'full' });
    const created = responseEvent('response.created', 0, { response: answer('queued') });
    const completed = responseEvent('response.completed', 5, { response: answer('completed') });
    recording.provider.reply(
      reply('queued'),
      { type: 'sse', done: false, events: [created] },
      { type: 'sse', done: false, events: [completed] },
    );
    await around(async () => {
      const { id } = await create(client());
      for (const after of [0, 4]) {
        const stream = await client().responses.retrieve(id, { stream: true, starting_after: after });
        for await (const event of stream) expect(event.type).toMatch(/^response\./);
      }
    });
    const [run] = await recording.stop();
    expect(outline([run as RunTree])).toEqual([[['completed', 'POST 200', 'GET 200', 'GET 200']]]);
    expect(run?.steps[0]).toMatchObject({ operation: 'stream', usage: { inputTokens: 20 } });
  });

  test('without polls it ends as it began', async () => {
    recording = await startRecording();
    recording.provider.reply(reply('queued'));
    await around(() => create(client()));
    expect(outline(await recording.stop())).toEqual([[['completed', 'POST 200']]]);
  });
});

describe.each(['full', 'errors'] as const)('in %s, for a call whose own stream breaks', (capture) => {
  const created = responseEvent('response.created', 0, { response: answer('in_progress') });
  const completed = responseEvent('response.completed', 5, { response: answer('completed') });
  const open = async () => {
    const stream = await client().responses.create({
      model: 'm',
      input: 'Hi',
      background: true,
      stream: true,
    });
    await (async () => {
      for await (const _ of stream);
    })().catch(() => {});
  };
  beforeEach(async () => {
    recording = await startRecording({ capture, keepKinds: ['timeout'] });
  });

  test('the resumed stream joins its step', async () => {
    recording.provider.reply(
      { type: 'sse', done: false, events: [created, 'event: response.output_text.delta\n'], cutAfter: 1 },
      { type: 'sse', done: false, events: [completed] },
    );
    await open();
    const stream = await client().responses.retrieve('resp_1', { stream: true, starting_after: 0 });
    for await (const _ of stream);
    const expected = capture === 'full' ? [[['completed', 'POST 200', 'GET 200']]] : [];
    expect(outline(await recording.stop())).toEqual(expected);
    expect(recording.handle.stats()).toMatchObject({ bodyBytes: 0, runs: { started: 1 } });
  });

  test('without a resume, the call has failed', async () => {
    recording.provider.reply({ type: 'sse', done: false, events: [created, 'data: x'], cutAfter: 1 });
    await open();
    expect(outline(await recording.stop())).toEqual([[['error', 'POST 200']]]);
  });
});

test('polls of an unknown call are one step in a run of their own', async () => {
  recording = await startRecording();
  recording.provider.reply(reply('queued'), reply('in_progress'), reply('completed'));
  await pollToTheEnd(client(), 'resp_1');
  expect(outline(await recording.stop())).toEqual([[['completed', 'GET 200', 'GET 200', 'GET 200']]]);
});

test('a resumed stream that reports a failure is an error', async () => {
  recording = await startRecording({ capture: 'errors' });
  const error = { code: 'server_error', message: 'An error occurred while processing your request.' };
  const failed = responseEvent('response.failed', 9, { response: { ...answer('failed'), error } });
  recording.provider.reply({ type: 'sse', done: false, events: [failed] });
  const stream = await client().responses.retrieve('resp_1', { stream: true, starting_after: 4 });
  for await (const _ of stream);
  expect(await recording.stop()).toMatchObject([
    { status: 'error', steps: [{ status: 'error', operation: 'stream', error: { type: 'server_error' } }] },
  ]);
});

test('a poll does not join a call of other credentials, another run or another id', async () => {
  recording = await startRecording();
  recording.provider.route(({ method }) => (method === 'POST' ? reply('queued') : reply('completed')));
  const { id } = await create(client('a'));
  await client('b').responses.retrieve(id);
  await client('a').responses.retrieve('resp_2');
  await withRun({}, () => client('a').responses.retrieve(id));
  await withRun({}, () => create(client('a')));
  await client('a').responses.retrieve(id);
  const steps = outline(await recording.stop()).flat();
  expect(steps.map((step) => step.slice(1).join()).sort()).toEqual([
    'GET 200',
    'GET 200',
    'GET 200',
    'POST 200',
    'POST 200,GET 200',
  ]);
});

test('parallel equal background calls are separate steps, each with its polls', async () => {
  recording = await startRecording({ capture: 'errors' });
  let made = 0;
  recording.provider.route(({ method, path }) => {
    if (method === 'POST') {
      made += 1;
      return reply('queued', `resp_${made}`);
    }
    const id = path.slice('/v1/responses/'.length);
    return id === 'resp_2' ? openaiError(404, null, 'x', id) : reply('completed', id);
  });
  const ids = await Promise.all([1, 2, 3].map(async () => (await create(client())).id));
  await Promise.allSettled(ids.map((id) => pollToTheEnd(client(), id)));
  expect(outline(await recording.stop())).toEqual([[['error', 'POST 200', 'GET 404']]]);
  expect(recording.handle.stats().runs).toMatchObject({ started: 3, kept: 1, dropped: { no_evidence: 2 } });
});

test('a call waits for its next poll, at most idleMillis', async () => {
  recording = await startRecording({ idleMillis: 1_000, lingerMillis: 1_000 });
  recording.provider.reply(reply('queued'));
  await create(client());
  expect(recording.handle.stats().liveRuns).toBe(1);
  await recording.receiver.waitForSpans(2);
  expect(recording.handle.stats()).toMatchObject({ liveRuns: 0, evicted: { idle: 0 } });
  expect(outline(await recording.stop())).toEqual([[['completed', 'POST 200']]]);
});

test('an equal call made during polling is not a retry', async () => {
  recording = await startRecording();
  recording.provider.reply(reply('queued', 'resp_1'), reply('queued', 'resp_2'));
  await withRun({}, async () => {
    await create(client());
    await create(client());
  });
  expect(outline(await recording.stop())).toEqual([
    [
      ['completed', 'POST 200'],
      ['completed', 'POST 200'],
    ],
  ]);
});
