import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { createBedrockAnthropic } from '@ai-sdk/amazon-bedrock/anthropic';
import { createCohere } from '@ai-sdk/cohere';
import { createGateway, generateText, type LanguageModel, streamText } from 'ai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { withRun } from '../../src/index.js';
import * as names from '../../src/semconv.js';
import { text } from '../support/attributes.js';
import { awsChunk, awsEvent, awsException } from '../support/aws-event-stream.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import { recorded } from '../wire/recorded.js';

let recording: Recording;
afterEach(() => recording.stop());

/** What is recorded of a call, which may throw. */
async function recordedStep(call: (url: string) => Promise<unknown>, ...replies: readonly Reply[]) {
  recording = await startRecording();
  recording.provider.reply(...replies);
  await withRun({ chatId: 'c' }, () => call(recording.provider.url)).catch(() => {});
  const [run, ...others] = await recording.runs();
  expect([others, run?.steps.length]).toEqual([[], 1]);
  const [step] = run?.steps ?? [];
  if (step === undefined) throw new Error('no step');
  const listed = (name: string) => JSON.parse(text(step.span, name) ?? '[]');
  const { status, provider, model, operation, usage, error, attempts } = step;
  return {
    status,
    provider,
    model,
    operation,
    usage,
    error: error && [error.kind, error.type],
    attempts: attempts.map(({ statusCode }) => statusCode),
    input: listed(names.ATTR_GEN_AI_INPUT_MESSAGES),
    output: listed(names.ATTR_GEN_AI_OUTPUT_MESSAGES),
  };
}

const json = (body: unknown): Reply => ({ type: 'json', body });
const sse = (body: string): Reply => ({
  type: 'text',
  body,
  headers: { 'content-type': 'text/event-stream' },
});
const aws = (...messages: readonly Buffer[]): Reply => ({
  type: 'text',
  body: Buffer.concat(messages),
  chunked: true,
  headers: { 'content-type': 'application/vnd.amazon.eventstream' },
});
const ndjson = (body: string): Reply => ({
  type: 'text',
  body,
  chunked: true,
  headers: { 'content-type': 'application/x-ndjson' },
});

const ASKED = [{ role: 'user', parts: [{ type: 'text', content: 'Rain?' }] }];
const saying = (content: string, finish_reason: string) => [
  { role: 'assistant', parts: [{ type: 'text', content }], finish_reason },
];
const PROMPT = { prompt: 'Rain?', maxRetries: 0 };
const generate = (model: LanguageModel) => generateText({ model, ...PROMPT });
const stream = async (model: LanguageModel) => {
  const { fullStream } = streamText({ model, ...PROMPT, onError: () => {} });
  for await (const part of fullStream) if (part.type === 'error') throw part.error;
};

describe('Ollama', () => {
  const chat = async (url: string, isStream: boolean) => {
    const client = new Ollama({ host: url });
    const messages = [{ role: 'user', content: 'Rain?' }];
    if (!isStream) return client.chat({ model: 'qwen3', messages });
    for await (const _ of await client.chat({ model: 'qwen3', messages, stream: true }));
    return undefined;
  };
  const said = { provider: 'ollama', model: 'qwen3', input: ASKED, attempts: [200] };
  const line = (content: string, rest: object = {}) =>
    `${JSON.stringify({ model: 'qwen3', message: { role: 'assistant', content }, done: false, ...rest })}\n`;
  const last = line('', { done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 2 });
  const answer = { usage: { inputTokens: 3, outputTokens: 2 }, output: saying('Twelve degrees.', 'stop') };

  test('chat', async () => {
    const whole = JSON.parse(last);
    const reply = json({ ...whole, message: { role: 'assistant', content: 'Twelve degrees.' } });
    expect(await recordedStep((url) => chat(url, false), reply)).toMatchObject({
      ...said,
      ...answer,
      status: 'completed',
      operation: 'generate',
    });
  });

  test('chat as a stream', async () => {
    const reply = ndjson(line('Twelve ') + line('degrees.') + last);
    expect(await recordedStep((url) => chat(url, true), reply)).toMatchObject({
      ...said,
      ...answer,
      status: 'completed',
      operation: 'stream',
    });
  });

  test('an error in a stream', async () => {
    const reply = ndjson(`${line('Twelve ')}{"error":"model runner has unexpectedly stopped"}\n`);
    expect(await recordedStep((url) => chat(url, true), reply)).toMatchObject({
      ...said,
      status: 'error',
      error: ['generic', expect.any(String)],
      output: [{ parts: [{ content: 'Twelve ' }] }],
    });
  });

  test('generate', async () => {
    const reply = json({ model: 'qwen3', response: 'Twelve degrees.', done: true, done_reason: 'stop' });
    const call = (url: string) => new Ollama({ host: url }).generate({ model: 'qwen3', prompt: 'Rain?' });
    expect(await recordedStep(call, reply)).toMatchObject({ ...said, output: answer.output });
  });
});

describe('Cohere', () => {
  const model = (url: string) => createCohere({ apiKey: 'none', baseURL: `${url}/v2` })('command-a');
  const said = {
    provider: 'cohere',
    model: 'command-a',
    input: ASKED,
    usage: { inputTokens: 215, outputTokens: 38, cacheReadTokens: 16 },
  };

  test('an answer', async () => {
    const reply = json(JSON.parse(recorded('cohere-response.json')));
    expect(await recordedStep((url) => generate(model(url)), reply)).toMatchObject({
      ...said,
      status: 'completed',
      operation: 'generate',
    });
  });

  test('a stream', async () => {
    const reply = sse(recorded('cohere-stream.sse'));
    const step = await recordedStep((url) => stream(model(url)), reply);
    expect(step).toMatchObject({ ...said, status: 'completed', operation: 'stream' });
    expect(step.output[0].parts).toContainEqual({ type: 'text', content: 'One moment. 🌧️' });
  });
});

describe('Bedrock', () => {
  const options = (url: string) => ({
    region: 'us-east-1',
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'none',
    baseURL: url,
  });
  const converse = (url: string) => createAmazonBedrock(options(url))('us.amazon.nova-lite-v1:0');
  const claude = (url: string) => createBedrockAnthropic(options(url))('us.anthropic.claude-sonnet-4-v1:0');
  const said = { provider: 'aws.bedrock', model: 'us.amazon.nova-lite-v1:0', input: ASKED };
  const usage = { inputTokens: 3, outputTokens: 2, totalTokens: 5, cacheReadInputTokens: 4 };
  const delta = (words: string) =>
    awsEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: words } });
  const start = [awsEvent('messageStart', { role: 'assistant' }), delta('Twelve '), delta('degrees.')];
  const answer = {
    usage: { inputTokens: 7, outputTokens: 2, cacheReadTokens: 4 },
    output: saying('Twelve degrees.', 'end_turn'),
  };

  test('converse', async () => {
    const reply = json({
      output: { message: { role: 'assistant', content: [{ text: 'Twelve degrees.' }] } },
      stopReason: 'end_turn',
      usage,
    });
    expect(await recordedStep((url) => generate(converse(url)), reply)).toMatchObject({
      ...said,
      ...answer,
      status: 'completed',
      operation: 'generate',
    });
  });

  test('converse-stream', async () => {
    const end = [
      awsEvent('messageStop', { stopReason: 'end_turn' }),
      awsEvent('metadata', { usage, metrics: {} }),
    ];
    expect(await recordedStep((url) => stream(converse(url)), aws(...start, ...end))).toMatchObject({
      ...said,
      ...answer,
      status: 'completed',
      operation: 'stream',
    });
  });

  test('an exception in a stream', async () => {
    const reply = aws(...start, awsException('throttlingException', 'Too many tokens.'));
    expect(await recordedStep((url) => stream(converse(url)), reply)).toMatchObject({
      ...said,
      status: 'error',
      error: ['rate_limit', 'throttlingException'],
      output: [{ parts: [{ content: 'Twelve degrees.' }] }],
    });
  });

  test('a request that is refused', async () => {
    const reply: Reply = {
      type: 'json',
      status: 400,
      body: { message: 'The provided model identifier is invalid.' },
      headers: { 'x-amzn-errortype': 'ValidationException:http://internal.amazon.com/coral/' },
    };
    expect(await recordedStep((url) => generate(converse(url)), reply)).toMatchObject({
      status: 'error',
      error: ['config', 'ValidationException'],
      attempts: [400],
    });
  });

  test('invoke with Claude', async () => {
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4',
      content: [{ type: 'text', text: 'Twelve degrees.' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 2, cache_read_input_tokens: 4 },
    };
    expect(await recordedStep((url) => generate(claude(url)), json(message))).toMatchObject({
      ...answer,
      provider: 'aws.bedrock',
      model: 'us.anthropic.claude-sonnet-4-v1:0',
      input: ASKED,
      status: 'completed',
      operation: 'generate',
    });
  });

  test('invoke with Claude as a stream', async () => {
    const usage = { input_tokens: 3, output_tokens: 1, cache_read_input_tokens: 4 };
    const events = [
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'claude',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage,
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Twelve degrees.' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 2 },
      },
      { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 3 } },
    ];
    expect(await recordedStep((url) => stream(claude(url)), aws(...events.map(awsChunk)))).toMatchObject({
      ...answer,
      provider: 'aws.bedrock',
      status: 'completed',
      operation: 'stream',
    });
  });
});

describe("Vercel's AI Gateway", () => {
  const model = (url: string) =>
    createGateway({ apiKey: 'none', baseURL: `${url}/v3/ai` })('openai/gpt-5-mini');
  const said = { provider: 'vercel', model: 'openai/gpt-5-mini', input: ASKED, status: 'completed' };
  const usage = { inputTokens: 130, outputTokens: 42, reasoningTokens: 30, cacheReadTokens: 100 };

  test('an answer', async () => {
    const reply = json(JSON.parse(recorded('gateway-response.json')));
    expect(await recordedStep((url) => generate(model(url)), reply)).toMatchObject({ ...said, usage });
  });

  test('a stream', async () => {
    const reply = sse(recorded('gateway-stream.sse'));
    const step = await recordedStep((url) => stream(model(url)), reply);
    expect(step).toMatchObject({ ...said, usage, operation: 'stream' });
  });

  test('the model is known in errors mode as well', async () => {
    recording = await startRecording({ capture: 'errors' });
    recording.provider.reply({
      type: 'json',
      status: 500,
      body: { error: { message: 'Broken', type: 'internal_server_error' } },
    });
    await generate(model(recording.provider.url)).catch(() => {});
    const [run] = await recording.runs();
    expect(run?.steps).toMatchObject([{ status: 'error', model: 'openai/gpt-5-mini', provider: 'vercel' }]);
  });
});

test("OpenAI's Completions", async () => {
  const call = (url: string) =>
    new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 }).completions.create({
      model: 'gpt-3.5-turbo-instruct',
      prompt: 'Rain?',
    });
  expect(await recordedStep(call, json(JSON.parse(recorded('completions-response.json'))))).toMatchObject({
    status: 'completed',
    provider: 'openai',
    model: 'gpt-3.5-turbo-instruct',
    input: ASKED,
    output: [...saying(' alone', 'stop'), ...saying(' by ear', 'length')],
  });
});
