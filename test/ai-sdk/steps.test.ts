import { createOpenAI } from '@ai-sdk/openai';
import { generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { wrapModel } from '../../src/ai-sdk/index.js';
import { withRun } from '../../src/index.js';
import { completion, openaiError, type ToolCall } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';
import { answer, partsOf, scriptedModel, streamed, textParts } from './scripted-model.js';

let recording: Recording;

beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

const onlyRun = async () => (await recording.runs())[0];
const openai = () =>
  wrapModel(createOpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1` }).chat('gpt-4o-mini'));

const CALL: ToolCall = { id: 'call_1', name: 'weather', arguments: '{"city":"Ghent"}' };
const weather = tool({ inputSchema: z.object({ city: z.string() }), execute: async () => ({ celsius: 12 }) });
const LOOP = { tools: { weather }, stopWhen: stepCountIs(5), prompt: 'Weather?' };

test('a call outside any run, without capture or before start-up passes through', async () => {
  const promise = Promise.resolve(answer('x'));
  const model = { ...scriptedModel({}), doGenerate: () => promise, doStream: () => promise };
  const wrapped = wrapModel(model);
  const calls = () => expect([wrapped.doGenerate(), wrapped.doStream()]).toEqual([promise, promise]);
  calls();
  expect(wrapped.doGenerate()).toBe(promise);
  await withRun({ capture: 'off' }, calls);
  expect(await recording.runs()).toEqual([]);
  await recording.stop();
  await withRun({}, () => expect(wrapped.doStream()).toBe(promise));
});

test('each call of a tool loop is a step, numbered in order', async () => {
  recording.provider.reply(
    completion('', { toolCalls: [CALL] }),
    completion('', { toolCalls: [CALL] }),
    completion('12 °C'),
  );
  await withRun({ firstStepNumber: 4 }, () => generateText({ model: openai(), ...LOOP }));
  const run = await onlyRun();
  expect(run?.steps).toMatchObject(
    [4, 5, 6].map((number) => ({ number, status: 'completed', attemptCount: 1 })),
  );
  const attributes: Record<string, unknown> = run?.steps[2]?.span.attributes ?? {};
  expect(JSON.parse(String(attributes['gen_ai.input.messages'])).slice(-2)).toEqual([
    {
      role: 'assistant',
      parts: [{ type: 'tool_call', id: 'call_1', name: 'weather', arguments: { city: 'Ghent' } }],
    },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: { celsius: 12 } }] },
  ]);
  expect(JSON.parse(String(attributes['gen_ai.tool.definitions']))).toMatchObject([
    { type: 'function', name: 'weather', parameters: { type: 'object' } },
  ]);
  expect(attributes['chatdebug.request.tool_choice']).toBe('auto');
});

test('streamText records the same steps and leaves no live run', async () => {
  const input = JSON.stringify({ city: 'Ghent' });
  const call = [
    { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input },
    { type: 'finish', ...answer('x'), finishReason: { unified: 'tool-calls', raw: undefined } },
  ];
  const streams = [call, textParts('12 °C')];
  const model = wrapModel(scriptedModel({ stream: () => streamed(streams.shift() ?? []) }));
  await withRun({}, async () => {
    expect(await streamText({ model, ...LOOP }).text).toBe('12 °C');
  });
  expect((await onlyRun())?.steps).toMatchObject([
    { number: 1, status: 'completed', span: { attributes: { 'chatdebug.stream.tool_calls': 1 } } },
    { number: 2, status: 'completed' },
  ]);
  expect(recording.handle.stats()).toMatchObject({ liveRuns: 0, bodyBytes: 0 });
});

test('attempts are numbered when they begin', async () => {
  const busy = openaiError(503, null, 'server_error', 'busy', { 'retry-after-ms': '1' });
  recording.provider.reply(busy, busy, completion('x'));
  await withRun({}, () => generateText({ model: openai(), prompt: 'Hi' }));
  const [step] = (await onlyRun())?.steps ?? [];
  expect(step?.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
});

test('a response with incomplete JSON is a failed attempt', async () => {
  recording.provider.reply({ type: 'json', body: '{"choices": [' });
  await withRun({}, () => generateText({ model: openai(), prompt: 'Hi' }).catch(() => {}));
  expect((await onlyRun())?.steps).toMatchObject([{ status: 'error', attempts: [{ status: 'failed' }] }]);
});

test('bodies are truncated at their limit, and their facts are read from the whole body', async () => {
  recording.provider.reply(completion('y '.repeat(4_500)));
  await recording.handle.shutdown();
  const small = await startRecording({ maxBodyBytes: 1_000 });
  const long = 'x '.repeat(4_500);
  const model = wrapModel(createOpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1` }).chat('m'));
  await withRun({}, () => generateText({ model, prompt: long }));
  const [step] = (await small.stop())[0]?.steps ?? [];
  expect(step?.attempts[0]?.requestBody).toMatch(/\[TRUNCATED\]$/);
  expect(step?.attempts[0]?.responseBody).toMatch(/\[TRUNCATED\]$/);
  expect(step?.span.attributes['gen_ai.input.messages']).toContain(long);
  expect(step?.span.attributes['gen_ai.output.messages']).toContain('y '.repeat(4_500));
});

test.each([
  ['doGenerate', scriptedModel({ generate: () => null })],
  ['doStream', scriptedModel({ stream: () => null })],
  ['doStream', scriptedModel({ stream: () => ({ stream: null }) })],
] as const)('%s that returns nothing is an error of its own type', async (method, model) => {
  const bare = await model[method]({});
  expect(await withRun({}, () => wrapModel(model)[method]({}))).toEqual(bare);
  expect((await onlyRun())?.steps).toMatchObject([
    {
      status: 'error',
      error: {
        type: 'NullResultError',
        kind: 'generic',
        detail: `${method} of the model returned no result`,
      },
    },
  ]);
});

test('parts keep a run alive, and without them it ends as interrupted', async () => {
  await recording.handle.shutdown();
  const idleMillis = 1_000;
  const impatient = await startRecording({ idleMillis });
  const until = Date.now() + 2 * idleMillis;
  const [, , delta] = textParts('a');
  const stream = new ReadableStream({
    pull: async (controller) => {
      if (Date.now() > until) return new Promise(() => {});
      await new Promise((resolve) => setTimeout(resolve, 10));
      controller.enqueue(delta);
    },
  });
  const model = wrapModel(scriptedModel({ stream: () => ({ stream }) }));
  const read = withRun({}, async () => {
    const result: ReturnType<typeof streamed> = await model.doStream({});
    await partsOf(result.stream);
  });
  read.catch(() => {});
  while (impatient.handle.stats().liveRuns > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(Date.now()).toBeGreaterThan(until);
  expect(await impatient.stop()).toMatchObject([
    { status: 'interrupted', steps: [{ status: 'interrupted' }] },
  ]);
});

test('a failing exporter does not affect the chat', async () => {
  await recording.handle.shutdown();
  const exporter = {
    export: () => {
      throw new Error('no');
    },
    shutdown: () => Promise.reject(new Error('no')),
  };
  const broken = await startRecording({ exporter });
  const { text } = await withRun({}, () =>
    generateText({ model: wrapModel(scriptedModel({})), prompt: 'Hi' }),
  );
  expect(text).toBe('Hello');
  await broken.stop();
});

test('the run summarises its steps', async () => {
  recording.provider.reply(openaiError(400, null, 'invalid_request_error', 'no'), completion('x'));
  await withRun({ chatId: 'c' }, async () => {
    await generateText({ model: openai(), prompt: 'First words' }).catch(() => {});
    await generateText({ model: openai(), prompt: 'Second' });
    await generateText({ model: wrapModel(scriptedModel({})), prompt: 'Third' });
  });
  expect(await onlyRun()).toMatchObject({
    stepCount: 3,
    hasError: true,
    endpoint: 'POST /v1/chat/completions',
    firstMessage: 'First words',
    provider: 'openai',
    model: 'gpt-4o-mini',
    usage: { inputTokens: 27, outputTokens: 13, reasoningTokens: 1, cacheReadTokens: 2 },
  });
});

test('a provider error has one form', async () => {
  const error = openaiError(429, 'insufficient_quota', 'insufficient_quota', 'You have run out of credits.');
  recording.provider.reply(error);
  await withRun({}, () => generateText({ model: openai(), prompt: 'Hi', maxRetries: 0 }).catch(() => {}));
  expect((await onlyRun())?.steps[0]?.error).toMatchObject({
    type: 'insufficient_quota',
    kind: 'usage_limit',
    detail: 'You have run out of credits.',
    retryable: false,
    providerStatus: 429,
    requestId: 'req_error_1',
    message: expect.stringContaining('OpenAI'),
  });
});
