import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, type LanguageModel, streamText } from 'ai';
import { wrapProvider } from '../../src/ai-sdk/index.js';
import { withRun } from '../../src/index.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import { recorded, recordedJson } from '../wire/recorded.js';

let recording: Recording;

beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

const json = (name: string): Reply => ({ type: 'json', body: recordedJson(name) });
const sse = (name: string): Reply => ({
  type: 'text',
  headers: { 'content-type': 'text/event-stream' },
  body: recorded(name),
});

type Of = (url: string) => LanguageModel;

const openai: Of = (url) => wrapProvider(createOpenAI({ apiKey: 'k', baseURL: `${url}/v1` }))('gpt-5');
const anthropic: Of = (url) =>
  wrapProvider(createAnthropic({ apiKey: 'k', baseURL: `${url}/v1` }))('claude-sonnet-4-5');
const google: Of = (url) =>
  wrapProvider(createGoogleGenerativeAI({ apiKey: 'k', baseURL: `${url}/v1beta` }))('gemini-2.5-pro');

interface Expected {
  readonly provider: string;
  readonly model: string;
  readonly usage: object;
}

const OPENAI: Expected = {
  provider: 'openai',
  model: 'gpt-5',
  usage: { inputTokens: expect.any(Number), outputTokens: expect.any(Number) },
};
const ANTHROPIC: Expected = {
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  usage: { inputTokens: 2125, outputTokens: 310, cacheReadTokens: 2000, cacheCreationTokens: 100 },
};
const GOOGLE: Expected = { ...OPENAI, provider: 'gcp.gemini', model: 'gemini-2.5-pro' };

test.each([
  ['OpenAI Responses', openai, json('openai-responses-response.json'), OPENAI],
  ['Anthropic', anthropic, json('anthropic-response.json'), ANTHROPIC],
  ['Google', google, json('gemini-response.json'), GOOGLE],
] as const)('generateText with %s', async (_, of, reply, expected) => {
  recording.provider.reply(reply);
  await withRun({}, () => generateText({ model: of(recording.provider.url), prompt: 'Hi' }));
  const [step] = (await recording.stop())[0]?.steps ?? [];
  expect(step).toMatchObject({ ...expected, operation: 'generate', status: 'completed', attemptCount: 1 });
  expect(step?.span.attributes['gen_ai.output.messages']).toContain('"type":"text"');
});

test.each([
  ['OpenAI Responses', openai, sse('openai-responses-stream.sse'), OPENAI],
  ['Anthropic', anthropic, sse('anthropic-stream.sse'), ANTHROPIC],
  ['Google', google, sse('gemini-stream.sse'), GOOGLE],
] as const)('streamText with %s', async (_, of, reply, expected) => {
  recording.provider.reply(reply);
  await withRun({}, () => streamText({ model: of(recording.provider.url), prompt: 'Hi' }).consumeStream());
  const [step] = (await recording.stop())[0]?.steps ?? [];
  expect(step).toMatchObject({ ...expected, operation: 'stream', status: 'completed', attemptCount: 1 });
  expect(step?.span.attributes['chatdebug.stream.text_deltas']).toBeGreaterThan(0);
});

test.each([
  ['OpenAI Responses', openai, sse('openai-responses-error.sse'), {}],
  ['Anthropic', anthropic, sse('anthropic-overloaded.sse'), { kind: 'overloaded' }],
  ['Google', google, sse('gemini-overloaded.sse'), { kind: 'overloaded' }],
] as const)('an error in a stream of %s', async (_, of, reply, error) => {
  recording.provider.reply(reply);
  const model = of(recording.provider.url);
  await withRun({}, () => streamText({ model, prompt: 'Hi', onError: () => {} }).consumeStream());
  const [step] = (await recording.stop())[0]?.steps ?? [];
  expect(step).toMatchObject({ status: 'error', attempts: [{ status: 'failed' }], error });
});
