// Sets a dispatcher where Google's client looks for one: under jest Node's own is in another realm.
import 'undici';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { metrics } from '@opentelemetry/api';
import OpenAI from 'openai';
import { type ChatDebugOptions, withRun, withStep } from '../../src/index.js';
import { message, messageStream } from '../support/anthropic-replies.js';
import { content, contentStream } from '../support/gemini-replies.js';
import { type CollectedMetrics, collectMetrics } from '../support/metrics.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import { response, responseStream } from '../support/openai-responses-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
let collected: CollectedMetrics;
beforeEach(() => {
  collected = collectMetrics();
  metrics.setGlobalMeterProvider(collected.provider);
});
afterEach(async () => {
  await recording.stop();
  metrics.disable();
  delete process.env['CHATDEBUG_USAGE_METRICS'];
});

const start = async (options: ChatDebugOptions = {}) => {
  recording = await startRecording({ capture: 'errors', usageMetrics: true, ...options });
};

const openai = (maxRetries = 0) =>
  new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries });
const claude = () => new Anthropic({ apiKey: 'none', baseURL: recording.provider.url, maxRetries: 0 });
const gemini = () =>
  new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: recording.provider.url } }).models;
const all = async (stream: AsyncIterable<unknown>) => {
  for await (const _ of stream);
};

const messages = [{ role: 'user' as const, content: 'Hi' }];
const ask = (client = openai()) => client.chat.completions.create({ model: 'm', messages });
const askStream = async () =>
  all(
    await openai().chat.completions.create({
      ...{ model: 'm', messages, stream: true as const },
      stream_options: { include_usage: true },
    }),
  );

/** The values of the metric, by type. */
async function tokens(): Promise<Record<string, unknown>> {
  await recording.handle.forceFlush();
  const points = await collected.points('gen_ai.client.token.usage');
  return Object.fromEntries(
    points.map(({ attributes, value }) => [
      attributes['gen_ai.token.type'],
      typeof value === 'number' ? value : value.sum,
    ]),
  );
}

const CLIENTS: Readonly<
  Record<string, readonly [reply: (text: string) => Reply, call: () => Promise<unknown>]>
> = {
  'a chat completion': [completion, () => ask()],
  'a streamed chat completion': [completionStream, askStream],
  'a response': [response, () => openai().responses.create({ model: 'm', input: 'Hi' })],
  'a streamed response': [
    responseStream,
    async () => all(await openai().responses.create({ model: 'm', input: 'Hi', stream: true })),
  ],
  'a message': [message, () => claude().messages.create({ model: 'm', max_tokens: 9, messages })],
  'a streamed message': [
    messageStream,
    async () => all(await claude().messages.create({ model: 'm', max_tokens: 9, messages, stream: true })),
  ],
  'a content': [content, () => gemini().generateContent({ model: 'm', contents: 'Hi' })],
  'a streamed content': [
    contentStream,
    async () => all(await gemini().generateContentStream({ model: 'm', contents: 'Hi' })),
  ],
};

/** A stream longer than the kept part of it, which is 144 KiB, and shorter than the kept part of its last event. */
const LONG = `${'w'.repeat(400)} `.repeat(250);

describe.each(Object.entries(CLIENTS))('%s', (_, [reply, call]) => {
  test.each([
    ['short', 'Hello there.'],
    ['long', LONG],
  ])('%s: its usage is counted and not exported', async (_length, text) => {
    await start();
    recording.provider.reply(reply(text));
    await call();
    expect(await tokens()).toEqual({ input: 20, output: 10 });
    expect(recording.receiver.bodies).toEqual([]);
    expect(recording.handle.stats().bodyBytes).toBe(0);
    const [point] = await collected.points('gen_ai.client.operation.duration');
    expect(point?.attributes).toMatchObject({
      'gen_ai.request.model': 'm',
      'gen_ai.response.model': expect.stringMatching(/gpt|claude|gemini/),
      'server.address': '127.0.0.1',
    });
  });
});

test('counts once inside a run, and for a call that succeeds at its second attempt', async () => {
  await start();
  const broken = openaiError(500, null, 'server_error', 'Something broke');
  recording.provider.reply(broken, completion('Hello.'), completionStream('Hello.'));
  await withRun({}, async () => {
    await ask(openai(1));
    await askStream();
  });
  expect(await tokens()).toEqual({ input: 40, output: 20 });
  expect(await collected.count('gen_ai.client.operation.duration')).toBe(2);
});

test('usage reported by the application takes precedence over the response', async () => {
  await start();
  recording.provider.reply(completion('Hello.'));
  await withRun({}, () =>
    withStep({ model: 'm' }, async (step) => {
      await ask();
      step.usage({ outputTokens: 7 });
    }),
  );
  expect(await tokens()).toEqual({ input: 20, output: 7 });
});

test('an encoded response is counted, unless only its beginning is decoded', async () => {
  await start();
  recording.provider.reply(completionStream('Hello.', { encoding: 'gzip' }));
  await askStream();
  expect(await tokens()).toEqual({ input: 20, output: 10 });
  // Random letters, so that the encoded body is long as well.
  const letters = Array.from({ length: 400_000 }, () => String.fromCharCode(97 + Math.random() * 26)).join(
    '',
  );
  recording.provider.reply({ ...completion(letters), encoding: 'gzip' });
  await ask();
  expect(await tokens()).toEqual({ input: 20, output: 10 });
});

test('a stream without usage counts nothing, and its call is still timed', async () => {
  await start();
  recording.provider.reply({
    ...completionStream('Hello.'),
    events: completionStream('Hello.').events.slice(0, -1),
  });
  await askStream();
  expect(await tokens()).toEqual({});
  expect(await collected.count('gen_ai.client.operation.duration')).toBe(1);
});

test('without the option no response is read', async () => {
  await start({ usageMetrics: undefined });
  recording.provider.reply(completion('Hello.'));
  await ask();
  expect(await tokens()).toEqual({});
  const [point] = await collected.points('gen_ai.client.operation.duration');
  expect(point?.attributes).not.toHaveProperty(['gen_ai.response.model']);
});

test('the variable enables it too, and a meter provider may be set later', async () => {
  process.env['CHATDEBUG_USAGE_METRICS'] = 'TRUE';
  metrics.disable();
  await start({ usageMetrics: undefined });
  recording.provider.reply(completion('Hello.'));
  await ask();
  metrics.setGlobalMeterProvider(collected.provider);
  await ask();
  expect(await tokens()).toEqual({ input: 20, output: 10 });
});

test('a call is counted soon after its end without a flush', async () => {
  await start();
  recording.provider.reply(completion('Hello.'));
  await ask();
  const counted = async () => (await collected.points('gen_ai.client.token.usage')).length > 0;
  while (!(await counted())) await new Promise((resolve) => setImmediate(resolve));
});
