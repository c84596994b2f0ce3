import OpenAI from 'openai';
import { type ChatDebugOptions, withRun, withStep } from '../../src/index.js';
import { spanBounds } from '../../src/tracing/bounded-attributes.js';
import { completion, openaiError } from '../support/openai-replies.js';
import type { ReceivedSpan } from '../support/otlp-receiver.js';
import { type Recording, startRecording } from '../support/recording.js';

const BODY = 'chatdebug.attempt.request_body';
const ANSWER = 'chatdebug.attempt.response_body';
const SHORTENED = 'chatdebug.shortened';
const MEBIBYTE = 1024 * 1024;

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

async function startAnew(options: ChatDebugOptions): Promise<void> {
  await recording.stop();
  recording = await startRecording(options);
}

/** Names and values of a span and its events, as UTF-8. */
function bytesOf({ attributes, events }: ReceivedSpan): number {
  const all = [attributes, ...events.map((event) => event.attributes)].flatMap(Object.entries);
  return all.reduce(
    (sum, [name, value]) => sum + name.length + Buffer.byteLength([value].flat().join('')),
    0,
  );
}

test('the defaults fit a message of 4 MiB, and grow with maxBodyBytes', () => {
  expect(spanBounds(50_000)).toEqual({ event: 265_536, span: 2_110_720, attributes: 1_314_112 });
  expect(spanBounds(0).span).toBe(1.25 * MEBIBYTE);
  expect(spanBounds(1_000_000).event).toBeGreaterThan(2_000_000);
});

test('of many attempts with long bodies only the bodies are cut, to one length', async () => {
  const { url } = recording.provider;
  const failed = openaiError(500, null, 'server_error', 'broke', { 'x-long': 'h'.repeat(2_000) });
  recording.provider.reply(failed);
  const body = JSON.stringify({ input: 'é'.repeat(40_000) });
  const headers = { 'content-type': 'application/json', 'x-chat': 'c-1' };
  await withRun({ chatId: 'chat' }, () =>
    withStep({}, async () => {
      for (let i = 0; i < 80; i += 1) await (await fetch(url, { method: 'POST', headers, body })).text();
      throw new Error('e'.repeat(9_000));
    }),
  ).catch(() => {});
  const span = (await recording.runs())[0]?.steps[0]?.span as ReceivedSpan;
  expect(bytesOf(span)).toBeLessThan(spanBounds(50_000).span);
  expect(bytesOf(span)).toBeGreaterThan(0.8 * spanBounds(50_000).span);
  expect(span.attributes).toMatchObject({
    'chatdebug.error.kind': 'generic',
    'chatdebug.step.attempt_count': 80,
  });
  expect(span.attributes).not.toHaveProperty(SHORTENED);
  expect(span.events.at(-1)?.attributes['exception.message']).toBe('e'.repeat(9_000));
  const attempts = span.events.slice(0, -1);
  expect(attempts).toHaveLength(80);
  const lengths = attempts.map(({ attributes }) => String(attributes[BODY]).length);
  expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThan(100);
  for (const [index, { attributes }] of attempts.entries()) {
    expect(attributes).toMatchObject({
      'chatdebug.attempt.number': index + 1,
      'http.response.status_code': 500,
      'error.type': 'server_error',
      'http.request.header.x-chat': ['c-1'],
      'http.response.header.x-long': ['h'.repeat(2_000)],
      [BODY]: expect.stringMatching(/^\{"input":"é{5000,}\[TRUNCATED\]$/),
      [ANSWER]: expect.stringMatching(/"broke"/),
      [SHORTENED]: [BODY],
    });
  }
});

test('if attempts do not fit even so, the first and last are kept and the others counted', async () => {
  await startAnew({ maxBodyBytes: 0, maxAttempts: 1_000 });
  const { url } = recording.provider;
  recording.provider.reply(completion('x'));
  await withRun({}, () =>
    withStep({}, async () => {
      for (let i = 0; i < 400; i += 1) await (await fetch(url)).text();
    }),
  );
  const step = (await recording.runs())[0]?.steps[0];
  const numbers = step?.attempts.map(({ number }) => number) ?? [];
  expect(numbers.slice(0, 2)).toEqual([1, 2]);
  expect(numbers.at(-1)).toBe(400);
  expect(numbers.length).toBeGreaterThan(200);
  expect(numbers.length).toBeLessThan(400);
  expect(step?.span.attributes['chatdebug.step.attempts_left_out']).toBe(400 - numbers.length);
});

test("the application's own attributes are bounded, and displace none of the package", async () => {
  await startAnew({ capture: 'errors' });
  const many = Array.from({ length: 1_000 }, (_, index) => [`app.${index}`, index]);
  const attributes = { 'app.long': '🙂'.repeat(MEBIBYTE), 'app.short': 'yes', ...Object.fromEntries(many) };
  await withRun({ chatId: 'c'.repeat(3 * MEBIBYTE), kind: 'k'.repeat(1_000), attributes }, async () => {
    throw new Error('unexpected');
  }).catch(() => {});
  const [run] = await recording.runs();
  const span = run?.span as ReceivedSpan;
  expect(bytesOf(span)).toBeLessThan(spanBounds(50_000).span);
  expect(span.name).toBe(`invoke_workflow ${'k'.repeat(184)}`);
  expect(span.attributes).toMatchObject({
    'app.long': expect.stringMatching(/^(?:🙂)+\[TRUNCATED\]$/u),
    'app.short': 'yes',
    'app.125': 125,
    'gen_ai.conversation.id': expect.stringMatching(/^c+\[TRUNCATED\]$/),
    'chatdebug.error.kind': 'generic',
    'chatdebug.run.status': 'error',
    'chatdebug.run.has_error': true,
    [SHORTENED]: ['gen_ai.conversation.id', 'app.long'],
  });
  expect(span.droppedAttributesCount).toBe(0);
});

test('messages, tools and response of maximum length stay whole', async () => {
  recording.provider.reply(completion('answer '.repeat(1_000)));
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1` });
  const messages = Array.from({ length: 50 }, (_, index) => ({
    role: index === 0 ? ('system' as const) : ('user' as const),
    content: `${index} ${'w'.repeat(9_000)}`,
  }));
  const tools = Array.from({ length: 40 }, (_, index) => ({
    type: 'function' as const,
    function: { name: `f${index}`, description: 'd'.repeat(9_000) },
  }));
  await openai.chat.completions.create({ model: 'm', messages, tools });
  const span = (await recording.runs())[0]?.steps[0]?.span as ReceivedSpan;
  expect(span.attributes).not.toHaveProperty(SHORTENED);
  for (const name of ['gen_ai.input.messages', 'gen_ai.tool.definitions', 'gen_ai.output.messages']) {
    expect(JSON.parse(String(span.attributes[name]))).toBeInstanceOf(Array);
  }
  expect(String(span.attributes['gen_ai.input.messages']).length).toBeGreaterThan(200_000);
});
