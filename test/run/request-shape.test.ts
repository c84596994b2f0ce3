import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { type ChatDebugOptions, withRun, withStep } from '../../src/index.js';
import { text } from '../support/attributes.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';
import { MALFORMED } from '../wire/shape/malformed.js';
import { CONTENT, type Malformed } from '../wire/shape/malformed-request.js';

let recording: Recording;
afterEach(() => recording.stop());
const start = async (options: ChatDebugOptions = {}) => {
  recording = await startRecording({ capture: undefined, ...options });
};

const LONG_BODY = JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(10_000) }] });
const REFUSED = openaiError(400, null, 'invalid_request_error', `Invalid request, got '${CONTENT} words'`);

/** With the real client, if it sends malformed requests. */
const SEND: Readonly<Record<Malformed['format'], (body: object) => Promise<unknown>>> = {
  'openai-chat': async (body) => await openai().chat.completions.create(body as never),
  'openai-responses': async (body) => await openai().responses.create(body as never),
  'anthropic-messages': async (body) => await anthropic().messages.create(body as never),
  'gemini-generate-content': post('/v1beta/models/gemini-2.5-flash:generateContent'),
  'openai-completions': async (body) => await openai().completions.create(body as never),
  'bedrock-converse': post('/model/amazon.nova-lite-v1%3A0/converse'),
  'bedrock-invoke': post('/model/amazon.nova-lite-v1%3A0/invoke'),
  'cohere-chat': post('/v2/chat'),
  ollama: post('/api/chat'),
  'mistral-conversations': post('/v1/conversations'),
  'ai-gateway': post('/v3/ai/language-model'),
  'gemini-interactions': post('/v1beta/interactions'),
  'replicate-predictions': post('/v1/predictions'),
};

/** Sends the body with `fetch`, to a path. */
function post(path: string): (body: object) => Promise<void> {
  return async (body) => {
    const headers = { 'user-agent': 'ollama-js/0.6 cohere-ai/8' };
    await fetch(recording.provider.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  };
}
const openai = () => new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
const anthropic = () => new Anthropic({ apiKey: 'none', baseURL: recording.provider.url, maxRetries: 0 });

const shapes = async () => {
  const spans = await recording.spans();
  return spans.flatMap((span) => text(span, 'chatdebug.request.shape') ?? []);
};

test('a malformed request is identifiable from the kept trace, with real clients and without content', async () => {
  await start({ keepPerFingerprint: 1_000 });
  recording.provider.reply(REFUSED);
  for (const [index, { format, body }] of MALFORMED.entries()) {
    await withRun({ chatId: `fault ${index}` }, () => SEND[format](body)).catch(() => {});
  }
  const spans = await recording.spans();
  for (const [index, { fault, format, tells }] of MALFORMED.entries()) {
    const step = spans.find(
      (span) => span.name !== 'invoke_workflow' && text(span, 'gen_ai.conversation.id') === `fault ${index}`,
    );
    const shape = step && text(step, 'chatdebug.request.shape');
    expect([fault, JSON.parse(shape ?? '{}')]).toEqual([fault, expect.objectContaining({ format })]);
    expect(JSON.parse(shape ?? '{}')).toMatchObject(tells);
  }
  expect(MALFORMED.length).toBeGreaterThanOrEqual(30);
  expect(String(recording.receiver.bodies)).not.toContain(CONTENT);
  expect(recording.handle.stats().bodyBytes).toBe(0);
});

const ask = async (content: string) => {
  await openai().chat.completions.create({ model: 'm', messages: [{ role: 'user', content }] });
};

test('inside an explicit step it is that of the last attempt, and a success has none', async () => {
  await start({ retain: 'run' });
  recording.provider.reply(completion('Hello.'), completionStream('Hello.'), REFUSED);
  await withRun({}, async () => {
    await withStep({ model: 'healthy' }, () => ask('abc'));
    await openai().chat.completions.create({ model: 'm', messages: [], stream: true }).asResponse();
    expect(recording.handle.stats().bodyBytes).toBe(0);
    await withStep({ model: 'failing' }, () => ask('abcde'));
  }).catch(() => {});
  expect((await shapes()).map((shape) => JSON.parse(shape).messages)).toEqual([[['user', 'text 5']]]);
});

test('full capture has the request itself, and kinds that are not kept leave nothing', async () => {
  await start();
  recording.provider.reply(REFUSED);
  await withRun({ capture: 'full' }, () => ask('abc')).catch(() => {});
  recording.provider.reply(openaiError(401, null, 'invalid_request_error', 'who'));
  await withRun({}, () => ask('abc')).catch(() => {});
  expect(await shapes()).toEqual([]);
  expect(recording.handle.stats().bodyBytes).toBe(0);
});

test('text that is too long or not JSON is described by its size', async () => {
  await start({ maxBytes: 500_000 });
  recording.provider.reply(REFUSED);
  const post = async (body: string) => {
    await fetch(`${recording.provider.url}/v1/chat/completions`, { method: 'POST', body });
  };
  const bodies = ['x'.repeat(1_048_577), 'x'.repeat(600_000), `${CONTENT} is no JSON`, '"text"', 'null'];
  for (const body of bodies) await withRun({}, () => post(body));
  expect((await shapes()).map((shape) => JSON.parse(shape).unread)).toEqual([
    'too long: 1048577 bytes',
    'too long: 600000 bytes',
    'no JSON: 18 bytes',
    'text 4',
    'null',
  ]);
  expect(recording.handle.stats()).toMatchObject({ bodyBytes: 0, evicted: { max_bytes: 0 } });
});

test.each([
  ['a stream', { type: 'sse', events: ['data: 1\n\n', 'data: 2\n\n'], delayMillis: 300 }],
  ['a JSON answer', { type: 'hang', when: 'in-body', delayMillis: 300 }],
] as const)('a body is held and counted until the response begins: %s', async (_, reply) => {
  await start();
  recording.provider.reply(reply);
  const call = fetch(`${recording.provider.url}/v1/chat/completions`, { method: 'POST', body: LONG_BODY });
  await recording.provider.arrived();
  expect(recording.handle.stats().bodyBytes).toBe(LONG_BODY.length);
  const answer = await call;
  expect(recording.handle.stats().bodyBytes).toBe(0);
  await answer.body?.cancel();
  await recording.handle.forceFlush();
  expect(recording.handle.stats().bodyBytes).toBe(0);
});
