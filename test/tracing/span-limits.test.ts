import OpenAI from 'openai';
import { withRun, withStep } from '../../src/index.js';
import { limitValue } from '../../src/tracing/bounded-attributes.js';
import { openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;

/** A step that fails four times, with these variables. */
async function failing(variables: Readonly<Record<string, string>>) {
  Object.assign(process.env, variables);
  recording = await startRecording();
  for (const name of Object.keys(variables)) delete process.env[name];
  recording.provider.reply(openaiError(500, null, 'server_error', 'Broken', { 'retry-after-ms': '1' }));
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 3 });
  const content = `${'🙂'.repeat(40)} and more`;
  await withRun({ chatId: 'c', firstMessage: content }, () =>
    withStep({ model: 'm' }, async () => {
      await openai.chat.completions.create({ model: 'm', messages: [{ role: 'user', content }] });
    }),
  ).catch(() => {});
  const [run] = await recording.stop();
  return { run, step: run?.steps[0], events: run?.steps[0]?.span.events ?? [] };
}

test.each([
  ['0', [1, 4]],
  ['3', [1, 4]],
  ['4', [1, 3, 4]],
  ['5', [1, 2, 3, 4]],
  ['many', [1, 2, 3, 4]],
])('OTEL_SPAN_EVENT_COUNT_LIMIT=%s keeps attempts %j and the exception', async (limit, kept) => {
  const { step, events } = await failing({ OTEL_SPAN_EVENT_COUNT_LIMIT: limit });
  expect(step?.attempts.map(({ number }) => number)).toEqual(kept);
  expect(events.at(-1)?.name).toBe('exception');
  expect(step?.span.attributes).toMatchObject({
    'chatdebug.step.attempt_count': 4,
    'chatdebug.error.kind': 'generic',
    ...(kept.length < 4 && { 'chatdebug.step.attempts_left_out': 4 - kept.length }),
  });
  expect(step?.span.droppedEventsCount).toBe(0);
});

test.each([
  { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '31' },
  { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '1000', OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '31' },
])('%j cuts texts at a whole character, and omits values that would be invalid JSON', async (variables) => {
  const { run, step, events } = await failing(variables);
  expect(run?.firstMessage).toBe('🙂'.repeat(15));
  const all = [run?.span, step?.span, ...events].map((one) => one?.attributes ?? {});
  const texts = all.flatMap((attributes) => Object.values(attributes).flat());
  expect(Math.max(...texts.map((one) => (typeof one === 'string' ? one.length : 0)))).toBe(31);
  for (const [name, value] of all.flatMap((attributes) => Object.entries(attributes))) {
    if (/^gen_ai\.(?:input|output|system|tool)/.test(name))
      expect(() => JSON.parse(String(value))).not.toThrow();
  }
  expect(step?.span.attributes).toMatchObject({ 'chatdebug.error.kind': 'generic' });
});

test('short values stay', () => {
  expect(limitValue('🙂🙂', 'a', 4)).toBe('🙂🙂');
  expect(limitValue('🙂🙂', 'a', 3)).toBe('🙂');
  expect(limitValue('🙂🙂', 'a', 0)).toBe('');
  expect(limitValue('[{"a":1}]', 'gen_ai.input.messages', 9)).toBe('[{"a":1}]');
  expect(limitValue('[{"a":1}]', 'gen_ai.input.messages', 8)).toBeUndefined();
});
