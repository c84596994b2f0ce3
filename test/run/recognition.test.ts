import { channel } from 'node:diagnostics_channel';
import { request as httpRequest } from 'node:http';
import Anthropic from '@anthropic-ai/sdk';
import { withRun, withStep } from '../../src/index.js';
import { COPIES } from '../attempt/undici-copies.js';
import { message } from '../support/anthropic-replies.js';
import { completion } from '../support/openai-replies.js';
import { response } from '../support/openai-responses-replies.js';
import fc, { runs } from '../support/property.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());

type Headers = Record<string, string>;

const FAILED: Reply = {
  type: 'json',
  status: 400,
  body: { type: 'error', error: { type: 'a', message: 'No' } },
};
const MESSAGES = { model: 'claude-test', max_tokens: 200, messages: [{ role: 'user', content: 'Hi' }] };
const INPUT = { model: 'gpt-5-mini', input: 'Hi' };
const SMS = { message_type: 'text', channel: 'sms', to: '15550100', text: 'Your code is 000000.' };
const ANSWERS = { survey: 7, answers: [{ question: 1, text: 'Yes' }], respondent: 'a@example.org' };

const post = async (path: string, body: unknown, headers: Headers = {}): Promise<void> => {
  const url = recording.provider.url + path;
  const text = JSON.stringify(body);
  await (await fetch(url, { method: 'POST', body: text, headers })).text();
};

const formats = async () =>
  (await recording.stop()).flatMap(({ steps }) =>
    steps.map(({ provider, model, span }) => [provider, model, span.name]),
  );

/** Asserts that nothing is written, counted or held. */
const expectNothing = async () => {
  expect(await recording.stop()).toEqual([]);
  expect(recording.handle.stats()).toMatchObject({
    liveRuns: 0,
    bodyBytes: 0,
    runs: { started: 0, kept: 0, dropped: {}, lost: {} },
  });
  expect(recording.receiver.bodies).toEqual([]);
};

describe.each(['full', 'errors'] as const)('in %s', (capture) => {
  beforeEach(async () => {
    recording = await startRecording({ capture });
    recording.provider.reply(FAILED);
  });

  test.each<[string, unknown, Headers]>([
    ['/messages', MESSAGES, { 'anthropic-version': '2023-06-01' }],
    ['/messages', MESSAGES, {}],
    ['/v1/messages', MESSAGES, {}],
    ['/v1/messages/', { messages: [], max_tokens: 1 }, {}],
    ['/v1/messages', SMS, { 'anthropic-version': '2023-06-01' }],
    ['/proxy/v1/messages', { messages: [], anthropic_version: 'vertex-2023-10-16' }, {}],
    ['/responses', INPUT, { authorization: 'Bearer k' }],
    ['/responses', { input: [], previous_response_id: 'resp_1' }, {}],
    ['/responses', { prompt: { id: 'pmpt_1' } }, {}],
    ['/responses', ANSWERS, { 'openai-intent': 'conversation-edits' }],
    ['/responses', ANSWERS, { originator: 'codex_cli_rs' }],
    ['/backend-api/codex/responses', { ...INPUT, stream: true }, {}],
    ['/v1/chat/completions/', { model: 'm', messages: [] }, {}],
    ['//v1//chat//completions', { model: 'm', messages: [] }, {}],
    ['/v1/agents/completions', { agent_id: 'a', messages: [] }, {}],
    ['/v1/completions', { model: 'm', prompt: 'Hi' }, {}],
    ['/v1/fim/completions', { model: 'm', prompt: 'Hi', suffix: '.' }, {}],
    ['/v1/conversations', { model: 'm', inputs: 'Hi' }, {}],
    ['/v1/conversations/conv_1', { inputs: [] }, {}],
    ['/v2/chat', { model: 'm', messages: [] }, {}],
    ['/api/chat', { model: 'm', messages: [] }, {}],
    ['/api/generate', { model: 'm', prompt: 'Hi' }, {}],
    ['/api/chat', {}, { 'user-agent': 'ollama-js/0.6.4 (x64 linux Node.js/v24)' }],
    ['/model/amazon.nova-lite-v1%3A0/converse', { messages: [] }, {}],
    [
      '/model/arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova/converse-stream',
      { messages: [] },
      {},
    ],
    ['/model/anthropic.claude-v1:0/invoke', { anthropic_version: 'bedrock-2023-05-31' }, {}],
    ['/model/meta.llama3/invoke-with-response-stream', {}, { 'x-amz-date': '20260101T000000Z' }],
    ['/v3/ai/language-model', {}, { 'ai-language-model-id': 'openai/gpt-5-mini' }],
  ])('POST %s of %j with %j is a model call', async (path, body, headers) => {
    await post(path, body, headers);
    expect(await recording.stop()).toMatchObject([
      { status: 'error', steps: [{ statusCode: 400, attempts: [{ path: path.replace(/\?.*/, '') }] }] },
    ]);
  });

  test.each<[string, unknown, Headers]>([
    ['/v1/messages', SMS, { authorization: 'Bearer k', 'x-api-key': 'k' }],
    ['/v1/messages', { messages: [{ to: '15550100', text: 'Your code is 000000.' }] }, {}],
    // The request of the AI SDK to the application's own route.
    ['/api/chat', { id: 'chat_1', messages: [], trigger: 'submit-message', model: 'm' }, {}],
    ['/api/chat', { messages: [] }, {}],
    ['/api/generate', { template: 'invoice' }, {}],
    ['/v2/chat', { room: 7, text: 'Hi' }, {}],
    ['/v1/completions', { course: 7, user: 'u' }, {}],
    ['/v1/conversations', { items: [], metadata: {} }, {}],
    ['/model/7/invoke', { args: [] }, {}],
    ['/model/amazon.titan-embed-text-v2%3A0/invoke', { inputText: 'Hi' }, { 'x-amz-date': 'x' }],
    ['/messages', 'no object', {}],
    ['/messages', { messages: 'Hi', model: 'm' }, {}],
    ['/responses', ANSWERS, { authorization: 'Bearer k' }],
    ['/responses', { input: 'Yes' }, {}],
    ['/codex/responses', { model: 'Golf' }, {}],
    ['/v1/responses/resp_1/cancel', {}, {}],
  ])('POST %s of %j with %j is not a model call, and nothing of it is held', async (path, body, headers) => {
    await post(path, body, headers);
    await withRun({}, () => post(path, body, headers));
    const all = await recording.stop();
    expect(all.flatMap(({ steps }) => steps)).toEqual([]);
    expect(recording.receiver.bodies.map(String).join()).not.toContain('Your code');
    expect(recording.handle.stats()).toMatchObject({ liveRuns: 0, bodyBytes: 0 });
  });

  test.each(['/v1/responses', '/v1/responses/resp_1/input_items', '/responses/resp_1', '/v1/responses/7'])(
    'GET %s is not a model call',
    async (path) => {
      await (await fetch(recording.provider.url + path)).text();
      await expectNothing();
    },
  );

  test('the body of a request that is not a model call is released before the response arrives', async () => {
    recording.provider.reply({ type: 'hang', when: 'before-headers' });
    const controller = new AbortController();
    const url = `${recording.provider.url}/v1/messages`;
    const body = JSON.stringify({ ...SMS, text: 'x'.repeat(20_000) });
    const pending = fetch(url, { method: 'POST', body, signal: controller.signal }).catch(() => {});
    await recording.provider.arrived();
    expect(recording.handle.stats()).toMatchObject({ liveRuns: 0, bodyBytes: 0 });
    controller.abort();
    await pending;
    await expectNothing();
  });

  test('random other requests open no step', async () => {
    const segment = fc.constantFrom(
      'v1',
      'messages',
      'responses',
      'codex',
      'surveys',
      '7',
      'resp_1',
      '',
      'openai-x',
    );
    const name = fc.constantFrom('to', 'text', 'messages', 'input', 'answers', 'prompt', 'max', 'id');
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.dictionary(name, fc.oneof(fc.string(), fc.integer(), fc.constant([]), fc.constant(null))),
        fc.constantFrom('POST', 'GET', 'DELETE', 'PUT'),
        async (segments, body, method) => {
          const path = `/app/${segments.join('/')}`;
          fc.pre(!/\/v1\/+responses(\/+resp_1)?\/*$/.test(path));
          const sent = method === 'GET' ? {} : { body: JSON.stringify(body) };
          await (await fetch(recording.provider.url + path, { method, ...sent })).text();
        },
      ),
      { numRuns: runs(500, 40) },
    );
    await expectNothing();
  });

  test('with node:http, headers set later and the body identify a model call', async () => {
    const send = (path: string, body: unknown, later: Headers = {}) =>
      new Promise<void>((resolve, reject) => {
        const sent = httpRequest(recording.provider.url + path, { method: 'POST' }, (answer) => {
          answer.resume().on('end', resolve);
        }).on('error', reject);
        for (const [name, value] of Object.entries(later)) sent.setHeader(name, value);
        sent.end(JSON.stringify(body));
      });
    for (const path of ['/v1/messages', '/responses', '/v1/messages'])
      await send(path, { to: '+15550100', text: 'Hi' });
    await send('/v1/messages', MESSAGES);
    await send('/v1/messages', {}, { 'anthropic-version': '2023-06-01' });
    await send('/responses', INPUT);
    await send('/v1/responses', INPUT);
    expect((await recording.stop()).map(({ provider, steps }) => [provider, steps.length])).toEqual([
      ['anthropic', 1],
      ['anthropic', 1],
      ['openai', 1],
      ['openai', 1],
    ]);
  });
});

describe('the owner is determined when the request is created', () => {
  beforeEach(async () => {
    recording = await startRecording();
    recording.provider.reply(message('Hello.'));
  });

  test('a proof by body opens a step in the run of the caller', async () => {
    await Promise.all(
      ['a', 'b'].map((chatId) =>
        withRun({ chatId }, async () => {
          await post('/v1/messages', { ...MESSAGES, model: chatId });
          await post('/v1/messages', SMS);
        }),
      ),
    );
    const all = await recording.stop();
    expect(all.map(({ chatId, model, steps }) => [chatId, model, steps.length]).sort()).toEqual([
      ['a', 'a', 1],
      ['b', 'b', 1],
    ]);
  });

  test('inside a step each request belongs to it', async () => {
    await withRun({}, () => withStep({ model: 'mine' }, () => post('/v1/messages', SMS)));
    expect(await recording.stop()).toMatchObject([{ steps: [{ model: 'mine', attemptCount: 1 }] }]);
  });

  test('attempts of a call proven by its body are one step', async () => {
    recording.provider.reply({ type: 'json', status: 500, body: {} }, message('Hello.'));
    await withRun({}, async () => {
      await post('/messages', MESSAGES);
      await post('/messages', MESSAGES);
    });
    expect(await recording.stop()).toMatchObject([
      { steps: [{ status: 'completed', attempts: [{ statusCode: 500 }, { statusCode: 200 }] }] },
    ]);
  });

  test('Anthropic’s client needs no /v1', async () => {
    const client = new Anthropic({ apiKey: 'k', baseURL: `${recording.provider.url}/gateway` });
    await client.messages.create({ ...MESSAGES, messages: [{ role: 'user', content: 'Hi' }] });
    expect(await formats()).toEqual([['anthropic', 'claude-test', 'chat claude-test']]);
  });

  test.each(COPIES)('a body that $name sends in pieces is proof', async ({ undici }) => {
    recording.provider.reply(response('Hello.'));
    const text = JSON.stringify({ input: 'x'.repeat(50_000), model: 'gpt-5-mini' });
    const pieces = function* () {
      for (let at = 0; at < text.length; at += 1_000) yield Buffer.from(text.slice(at, at + 1_000));
    };
    const dispatcher = new undici.Agent();
    const url = `${recording.provider.url}/responses`;
    const answer = await undici.request(url, { method: 'POST', body: pieces() as never, dispatcher });
    await answer.body.text();
    await dispatcher.close();
    expect(await formats()).toEqual([['openai', 'gpt-5-mini', 'chat gpt-5-mini']]);
  });
});

test.each(COPIES)('a header that another subscriber adds in $name is proof', async ({ undici }) => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply(FAILED);
  const add = (message: unknown) =>
    (message as { request: { addHeader(name: string, value: string): void } }).request.addHeader(
      'anthropic-version',
      '2023-06-01',
    );
  channel('undici:request:create').subscribe(add);
  const dispatcher = new undici.Agent();
  const url = `${recording.provider.url}/v1/messages`;
  const answer = await undici.request(url, { method: 'POST', body: JSON.stringify(SMS), dispatcher });
  await answer.body.text();
  await dispatcher.close();
  channel('undici:request:create').unsubscribe(add);
  expect(await recording.stop()).toMatchObject([{ status: 'error', provider: 'anthropic' }]);
});

test('openSteps excludes calls that only a proof would open', async () => {
  recording = await startRecording({ openSteps: ['openai-chat'] });
  recording.provider.reply(completion('Hello.'));
  await post('/v1/messages', MESSAGES);
  await post('/responses', INPUT);
  await expectNothing();
});
