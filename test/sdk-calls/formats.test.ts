import { createCohere } from '@ai-sdk/cohere';
import { createGateway } from 'ai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { startRecording } from '../support/recording.js';
import { recorded } from '../wire/recorded.js';
import { ASKED, generate, json, ndjson, recordedStep, saying, sse, stream } from './recorded-step.js';

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

  test('a response', async () => {
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

describe("Vercel's AI Gateway", () => {
  const model = (url: string) =>
    createGateway({ apiKey: 'none', baseURL: `${url}/v3/ai` })('openai/gpt-5-mini');
  const said = { provider: 'vercel', model: 'openai/gpt-5-mini', input: ASKED, status: 'completed' };
  const usage = { inputTokens: 130, outputTokens: 42, reasoningTokens: 30, cacheReadTokens: 100 };

  test('a response', async () => {
    const reply = json(JSON.parse(recorded('gateway-response.json')));
    expect(await recordedStep((url) => generate(model(url)), reply)).toMatchObject({ ...said, usage });
  });

  test('a stream', async () => {
    const reply = sse(recorded('gateway-stream.sse'));
    const step = await recordedStep((url) => stream(model(url)), reply);
    expect(step).toMatchObject({ ...said, usage, operation: 'stream' });
  });

  test('the model is known in errors mode as well', async () => {
    const recording = await startRecording({ capture: 'errors' });
    recording.provider.reply({
      type: 'json',
      status: 500,
      body: { error: { message: 'Broken', type: 'internal_server_error' } },
    });
    await generate(model(recording.provider.url)).catch(() => {});
    const [run] = await recording.stop();
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
