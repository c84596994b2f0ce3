import { generateText, type LanguageModel, streamText } from 'ai';
import { withRun } from '../../src/index.js';
import * as names from '../../src/semconv.js';
import { text } from '../support/attributes.js';
import type { Reply } from '../support/provider.js';
import { startRecording } from '../support/recording.js';

/** The recording of a call, which may throw. */
export async function recordedStep(call: (url: string) => Promise<unknown>, ...replies: readonly Reply[]) {
  const recording = await startRecording();
  recording.provider.reply(...replies);
  await withRun({ chatId: 'c' }, () => call(recording.provider.url)).catch(() => {});
  const [run, ...others] = await recording.stop();
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

export const json = (body: unknown): Reply => ({ type: 'json', body });
export const sse = (body: string): Reply => ({
  type: 'text',
  body,
  headers: { 'content-type': 'text/event-stream' },
});
export const aws = (...messages: readonly Buffer[]): Reply => ({
  type: 'text',
  body: Buffer.concat(messages),
  chunked: true,
  headers: { 'content-type': 'application/vnd.amazon.eventstream' },
});
export const ndjson = (body: string): Reply => ({
  type: 'text',
  body,
  chunked: true,
  headers: { 'content-type': 'application/x-ndjson' },
});

export const ASKED = [{ role: 'user', parts: [{ type: 'text', content: 'Rain?' }] }];
export const saying = (content: string, finish_reason: string) => [
  { role: 'assistant', parts: [{ type: 'text', content }], finish_reason },
];
export const PROMPT = { prompt: 'Rain?', maxRetries: 0 };
export const generate = (model: LanguageModel) => generateText({ model, ...PROMPT });
export const stream = async (model: LanguageModel) => {
  const { fullStream } = streamText({ model, ...PROMPT, onError: () => {} });
  for await (const part of fullStream) if (part.type === 'error') throw part.error;
};
