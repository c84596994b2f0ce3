import { once } from 'node:events';
import { request } from 'node:http';
import OpenAI from 'openai';
import { hasZstd } from './encoding.js';
import { completion, completionStream, openaiError, rateLimited } from './openai-replies.js';
import { type ScriptedProvider, startProvider } from './provider.js';

let provider: ScriptedProvider;
beforeEach(async () => {
  provider = await startProvider();
});
afterEach(() => provider.close());

const ask = {
  model: 'gpt-4o-mini',
  messages: [{ role: 'user' as const, content: 'Hello' }],
};

test('a real client gets the scripted responses in order, the last one repeatedly', async () => {
  const client = new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1` });
  provider.reply(rateLimited(5), openaiError(500, null, 'server_error', 'Oh'), completion('Hi'));
  for (let turn = 0; turn < 2; turn++) {
    const answer = await client.chat.completions.create(ask);
    expect(answer.choices[0]?.message.content).toBe('Hi');
  }
  expect(provider.requests.map((r) => `${r.method} ${r.path}`)).toEqual(
    Array(4).fill('POST /v1/chat/completions'),
  );
  expect(JSON.parse(String(provider.requests[3]?.body))).toEqual(ask);
});

test('a real client reads a scripted stream with its usage', async () => {
  const client = new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1` });
  provider.reply(completionStream('Hi  there, you'));
  let text = '';
  let total: number | undefined;
  for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
    text += chunk.choices[0]?.delta.content ?? '';
    total = chunk.usage?.total_tokens ?? total;
  }
  expect([text, total]).toEqual(['Hi  there, you', 30]);
});

test.each(['gzip', 'deflate', 'br'] as const)('%s, whole and streamed', async (encoding) => {
  provider.reply(
    { type: 'json', body: { a: 1 }, encoding },
    { type: 'sse', events: ['data: 1\n\n'], encoding },
  );
  expect(await (await fetch(provider.url)).json()).toEqual({ a: 1 });
  expect(await (await fetch(provider.url)).text()).toBe('data: 1\n\ndata: [DONE]\n\n');
});

test('zstd, or a 404 with the reason on a Node without it', async () => {
  provider.reply({ type: 'json', body: { a: 1 }, encoding: 'zstd' });
  const [response] = await once(request(provider.url).end(), 'response');
  const bytes = Buffer.concat(await response.toArray());
  if (hasZstd) expect(bytes.subarray(0, 4).toString('hex')).toBe('28b52ffd');
  else expect([response.statusCode, String(bytes)]).toEqual([404, expect.stringContaining('zstd')]);
});

test('each kind of broken response is seen as such', async () => {
  const failure = (path: string) => fetch(`${provider.url}${path}`).then((r) => r.text());
  provider.reply(
    { type: 'cut', when: 'before-headers' },
    { type: 'cut', when: 'in-body' },
    { type: 'sse', events: ['a', 'b', 'c'], cutAfter: 2 },
    { type: 'text', body: 'short', headers: { 'Content-Length': '100' } },
  );
  await expect(failure('/')).rejects.toThrow('fetch failed');
  for (let i = 0; i < 3; i++) await expect(failure('/')).rejects.toThrow('terminated');
  expect(provider.requests.map((r) => r.aborted)).toEqual([false, false, false, false]);
});

test.each(['before-headers', 'in-body'] as const)('a hang %s ends with its client', async (when) => {
  provider.reply({ type: 'hang', when });
  const controller = new AbortController();
  const text = fetch(provider.url, { signal: controller.signal }).then((r) => r.text());
  await provider.arrived();
  controller.abort();
  await expect(text).rejects.toThrow('aborted');
  await provider.gone();
  expect(provider.requests[0]?.aborted).toBe(true);
});

test('a client that leaves a slow stream is detected', async () => {
  provider.reply({ type: 'sse', events: Array(50).fill('data: 1\n\n'), delayMillis: 10 });
  const response = await fetch(provider.url);
  await response.body?.cancel();
  await provider.gone(0);
});

test('statuses without a body, HEAD, repeated headers and chunks', async () => {
  provider.reply(
    { type: 'text', status: 204, body: '' },
    { type: 'text', status: 304, body: '' },
    { type: 'text', body: 'unsent' },
    { type: 'text', body: 'x', chunked: true, headers: { 'set-cookie': ['a=1', 'b=2'] } },
  );
  expect((await fetch(provider.url)).status).toBe(204);
  expect((await fetch(provider.url)).status).toBe(304);
  expect((await fetch(provider.url, { method: 'HEAD' })).headers.get('content-length')).toBe('6');
  const chunked = await fetch(provider.url);
  expect(chunked.headers.get('content-length')).toBeNull();
  expect(chunked.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
});

test('a route takes precedence over the queue, and an unscripted request is a 404', async () => {
  provider.route((r) => (r.path === '/a?b=1' ? { type: 'text', body: `${r.body}!` } : undefined));
  expect(await (await fetch(`${provider.url}/a?b=1`, { method: 'POST', body: 'x' })).text()).toBe('x!');
  const other = await fetch(`${provider.url}/other`);
  expect([other.status, await other.text()]).toEqual([404, 'no reply is scripted for GET /other']);
});
