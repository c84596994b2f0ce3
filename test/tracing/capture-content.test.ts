import OpenAI from 'openai';
import { withRun } from '../../src/index.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());

const WORDS = 'a violet walrus';

async function talk(): Promise<void> {
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
  recording.provider.reply(
    completion(WORDS),
    completionStream(WORDS),
    openaiError(400, null, 'invalid_request_error', `I do not like "${WORDS}".`),
  );
  const request = {
    model: 'm',
    temperature: 0.5,
    messages: [{ role: 'user' as const, content: WORDS }],
    tools: [{ type: 'function' as const, function: { name: 'f', description: WORDS } }],
  };
  await withRun({ firstMessage: WORDS }, async () => {
    await openai.chat.completions.create(request);
    for await (const _ of await openai.chat.completions.create({ ...request, stream: true }));
    await openai.chat.completions.create(request).catch(() => {});
  });
}

test('without content full capture has everything else', async () => {
  recording = await startRecording({ captureContent: false });
  await talk();
  const [run] = await recording.runs();
  expect(recording.receiver.bodies.join()).not.toContain('walrus');
  expect(run).toMatchObject({ capture: 'full', stepCount: 3, firstMessage: undefined });
  expect(run?.steps[0]?.span.attributes).toMatchObject({
    'gen_ai.request.temperature': 0.5,
    'gen_ai.usage.input_tokens': 20,
    'gen_ai.response.finish_reasons': ['stop'],
  });
  expect(run?.steps[0]?.attempts[0]?.event.attributes).toMatchObject({
    'chatdebug.attempt.request_body_size': expect.any(Number),
    'http.response.header.content-type': ['application/json'],
    'url.full': expect.stringContaining('/v1/chat/completions'),
  });
  expect(run?.steps[1]?.span.attributes).toMatchObject({ 'chatdebug.stream.text_deltas': 3 });
  expect(run?.steps[2]?.error?.detail).toMatch(/I do not like/);
});

test('with content, the default, it has the texts too', async () => {
  recording = await startRecording();
  await talk();
  const [run] = await recording.runs();
  expect(run?.firstMessage).toBe(WORDS);
  expect(run?.steps.map(({ span }) => String(span.attributes['gen_ai.input.messages']))).toEqual(
    Array(3).fill(expect.stringContaining('walrus')),
  );
  expect(run?.steps[2]?.error?.detail).toContain(WORDS);
});

test('messages are redacted, also by their names', async () => {
  recording = await startRecording();
  recording.provider.reply(
    completion('', { toolCalls: [{ id: 'c', name: 'f', arguments: '{"password":"hunter2","n":1}' }] }),
  );
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1` });
  await openai.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
  const [run] = await recording.runs();
  expect(run?.steps[0]?.span.attributes['gen_ai.output.messages']).toContain('"password":"[REDACTED]","n":1');
  expect(recording.receiver.bodies.join()).not.toContain('hunter2');
});
