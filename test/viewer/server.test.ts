import { request } from 'node:http';
import OpenAI from 'openai';
import { startChatDebug, withRun } from '../../src/index.js';
import { jaegerRuns } from '../../src/query/index.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { startProvider } from '../support/provider.js';
import { ask, jsonSpan, newId, post, requestOf, runIds, runSpan, send, viewers } from './support.js';

const { start, remove } = viewers();
afterAll(remove);

const CHAT = 'team/a b/🦉?#%2F';

describe('with an application', () => {
  test.each([
    ['http/json', 'none'],
    ['http/protobuf', 'gzip'],
  ] as const)(
    'runs sent as %s are listed and can be queried like in Jaeger',
    async (protocol, compression) => {
      const [viewer, provider] = await Promise.all([start(), startProvider()]);
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: viewer.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_COMPRESSION: compression,
        OTEL_SERVICE_NAME: 'my-chat',
      };
      Object.assign(process.env, env);
      const handle = startChatDebug({ capture: 'full' });
      provider.reply(openaiError(400, null, 'server_error', 'No luck today.'), completion('Hello.'));
      const openai = new OpenAI({ apiKey: 'none', baseURL: `${provider.url}/v1`, maxRetries: 0 });
      const turn = (runId: string) =>
        withRun({ runId, chatId: CHAT }, () =>
          openai.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'Who?' }] }),
        );
      await expect(turn('failed/🦉')).rejects.toThrow('No luck today.');
      await turn('went well');
      await handle.shutdown();
      for (const name of Object.keys(env)) delete process.env[name];
      await provider.close();

      expect(await runIds(viewer)).toEqual(['went well', 'failed/🦉']);
      expect(await runIds(viewer, `?chat=${encodeURIComponent(CHAT)}`)).toEqual(['went well', 'failed/🦉']);
      const { body } = await ask(viewer, `/runs/${encodeURIComponent('failed/🦉')}`);
      expect(body.run).toMatchObject({ chatId: CHAT, status: 'error', error: { detail: 'No luck today.' } });
      expect(body.spans).toHaveLength(2);
      expect((await ask(viewer, `/case?run=${encodeURIComponent('failed/🦉')}`)).body.title).toContain('400');

      const runs = jaegerRuns({ endpoint: viewer.url, service: 'my-chat' });
      expect(await runs.has(CHAT)).toBe(true);
      expect(await runs.has('another')).toBe(false);
      expect(await runs.list(CHAT)).toMatchObject([
        { id: 'went well', status: 'completed', model: 'm' },
        { id: 'failed/🦉', status: 'error' },
      ]);
      const run = await runs.get('failed/🦉');
      expect(run?.steps).toMatchObject([{ error: { kind: 'generic' }, attempts: [{ statusCode: 400 }] }]);
      const opened = await fetch(run?.url ?? '', { redirect: 'manual' });
      expect([opened.status, opened.headers.get('location')]).toEqual([302, '/#run=failed%2F%F0%9F%A6%89']);
      expect(viewer.problems).toEqual([]);
    },
  );
});

async function asked(
  url: string,
  { method = 'GET', ...headers }: Readonly<Record<string, string>>,
  path = '/',
): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test.each([
  ['//localhost/', 404],
  ['//attacker.example/runs', 404],
  ['//', 404],
  ['http://attacker.example/runs', 200],
  ['http://[', 400],
  ['*', 400],
])('the request target %s answers %i: its host does not count', async (path, status) => {
  const viewer = await start();
  expect(await asked(viewer.url, {}, path)).toBe(status);
  expect(viewer.problems).toEqual([]);
});

describe('a cross-site request', () => {
  test.each([
    ['under a name that leads to this machine', { host: 'attacker.example:4318' }],
    ['with a host name that begins with the own one', { host: 'localhost.attacker.example' }],
    ['of a page', { origin: 'https://attacker.example' }],
    ['from a page at another port', { origin: 'http://localhost:3000' }],
    ['of a page without an origin', { origin: 'null' }],
    ['for an image of a page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ] as const)('%s is refused at every path', async (_, headers) => {
    const viewer = await start();
    for (const path of ['/', '/runs', '/api/traces', '/v1/traces', '/component.js', '/trace/1', '/nothing'])
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS'])
        expect([path, await asked(viewer.url, { ...headers, method }, path)]).toEqual([path, 403]);
  });

  test('a link to the viewer and its own page are allowed', async () => {
    const { url } = await start();
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(await asked(url, link)).toBe(200);
    expect(await asked(url, { ...link, method: 'DELETE' }, '/runs')).toBe(403);
    const { host, port } = new URL(url);
    expect(await asked(url, { origin: url, 'sec-fetch-site': 'same-origin' }, '/runs')).toBe(200);
    expect(await asked(url, { origin: url, host, method: 'DELETE' }, '/runs')).toBe(204);
    expect(await asked(url, { host: `localhost:${port}` })).toBe(200);
    expect(await asked(url, { host: `[::1]:${port}` })).toBe(200);
  });
});

test('GET changes nothing, at any path', async () => {
  const viewer = await start();
  await send(viewer, runSpan('a', { chat: '1' }));
  for (const path of [
    '/runs?chat=1',
    '/capture?chat=1',
    '/v1/traces',
    '/delete',
    '/api/traces?service=my-chat',
  ])
    await fetch(`${viewer.url}${path}`);
  expect(await runIds(viewer)).toEqual(['a']);
  expect((await fetch(`${viewer.url}/runs`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${viewer.url}/capture?chat=1`, { method: 'PUT', body: '{}' })).status).toBe(404);
});

test.each([
  '/',
  '/runs',
  '/runs/x',
  '/export',
  '/api/services',
  '/api/traces/zz',
  '/v1/traces',
  '/%',
  '/runs/%ff',
])('%s has its declared type, regardless of its content', async (path) => {
  const viewer = await start();
  const { status, headers } = await fetch(`${viewer.url}${path}`);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  if (path !== '/') expect(headers.get('content-type')).toMatch(/^application\/json/);
  if (path === '/export') expect(headers.get('content-disposition')).toMatch(/^attachment; filename="/);
  expect(status).toBeLessThan(500);
  expect(viewer.problems).toEqual([]);
});

test('a span without a parent and a run without its own span are shown', async () => {
  const viewer = await start();
  const step = { 'chatdebug.run.id': 'open', 'chatdebug.step.number': 1, 'chatdebug.step.status': 'error' };
  const error = { 'chatdebug.error.kind': 'generic', 'chatdebug.error.message': 'It broke.' };
  const traceId = newId(32);
  await send(viewer, jsonSpan({ traceId, parentSpanId: newId(16), attributes: { ...step, ...error } }));
  await send(viewer, jsonSpan({ traceId, parentSpanId: 'nonsense', name: 'other' }));
  const { body } = await ask(viewer, '/runs/open');
  expect(body.run).toMatchObject({ status: 'in_progress', error: { kind: 'generic' } });
  expect(body.spans.map(({ isOwn }: { isOwn: boolean }) => isOwn).sort()).toEqual([false, true]);
  await send(viewer, runSpan('open', { traceId, attributes: { 'chatdebug.run.status': 'completed' } }));
  expect((await ask(viewer, '/runs')).body.runs).toMatchObject([{ id: 'open', status: 'completed' }]);
});

test('a run without data for ten minutes counts as interrupted', async () => {
  const viewer = await start();
  const traceId = newId(32);
  const step = (number: number, at: number) =>
    jsonSpan({ traceId, at, attributes: { 'chatdebug.run.id': 'open', 'chatdebug.step.number': number } });
  const now = Date.now();
  await send(viewer, step(1, now - 11 * 60_000));
  expect((await ask(viewer, '/runs')).body.runs).toMatchObject([{ status: 'interrupted' }]);
  await send(viewer, step(2, now - 60_000));
  expect((await ask(viewer, '/runs')).body.runs).toMatchObject([
    { status: 'in_progress', startedAt: now - 11 * 60_000 },
  ]);
});

test('a run of 10,000 steps is stored, listed and shown', async () => {
  const viewer = await start();
  const traceId = newId(32);
  const run = runSpan('long', { traceId, chat: 'c', attributes: { 'chatdebug.run.step_count': 10_000 } });
  const step = (number: number) =>
    jsonSpan({
      ...{ traceId, parentSpanId: run.spanId, name: `step ${number}` },
      attributes: { 'chatdebug.run.id': 'long', 'chatdebug.step.number': number },
    });
  for (let at = 0; at < 10_000; at += 1_000)
    await send(viewer, ...Array.from({ length: 1_000 }, (_, index) => step(at + index + 1)));
  await send(viewer, run);
  expect((await ask(viewer, '/runs?chat=c')).body.runs).toMatchObject([{ id: 'long', stepCount: 10_000 }]);
  expect((await ask(viewer, '/runs/long')).body.spans.length).toBe(10_001);
});

describe("Jaeger's query API", () => {
  test('searches by service, operation, tags, time and duration', async () => {
    const viewer = await start();
    const now = Date.now();
    const spans = [
      jsonSpan({ name: 'GET /', at: now - 5_000, durationMillis: 50, attributes: { cached: true, size: 7 } }),
      jsonSpan({ name: 'GET /a', at: now - 3_000, durationMillis: 5, attributes: { 'a"b': 'x' } }),
      {
        ...jsonSpan({ name: 'POST /', at: now - 1_000, durationMillis: 500 }),
        status: { code: 2, message: 'bad' },
      },
    ];
    await send(viewer, ...spans);
    await post(viewer, requestOf([jsonSpan({ name: 'query' })], 'database'));
    const search = async (query: Readonly<Record<string, string>>) => {
      const { body } = await ask(
        viewer,
        `/api/traces?${new URLSearchParams({ service: 'my-chat', ...query })}`,
      );
      return body.data.map((trace: { spans: { operationName: string }[] }) => trace.spans[0]?.operationName);
    };
    expect((await ask(viewer, '/api/services')).body.data).toEqual(['database', 'my-chat']);
    expect((await ask(viewer, '/api/services/my-chat/operations')).body.data).toEqual([
      'GET /',
      'GET /a',
      'POST /',
    ]);
    expect(await search({})).toEqual(['POST /', 'GET /a', 'GET /']);
    expect(await search({ service: 'database' })).toEqual(['query']);
    expect(await search({ limit: '1' })).toEqual(['POST /']);
    expect(await search({ operation: 'GET /' })).toEqual(['GET /']);
    expect(await search({ tags: '{"cached":"true"}' })).toEqual(['GET /']);
    expect(await search({ tags: '{"cached":"true","size":"8"}' })).toEqual([]);
    expect(await search({ tag: 'a"b:x' })).toEqual(['GET /a']);
    expect(await search({ tags: '{"error":"true"}' })).toEqual(['POST /']);
    expect(await search({ minDuration: '20ms', maxDuration: '0.1s' })).toEqual(['GET /']);
    expect(await search({ start: `${(now - 4_000) * 1_000}`, end: `${(now - 2_000) * 1_000}` })).toEqual([
      'GET /a',
    ]);
  });

  test('describes what is wrong with a query', async () => {
    const viewer = await start();
    for (const query of ['', 'service=a&tags=[', 'service=a&limit=x', 'service=a&minDuration=5'])
      expect((await ask(viewer, `/api/traces?${query}`)).status).toBe(400);
    expect(await ask(viewer, '/api/traces/abc')).toMatchObject({
      status: 404,
      body: { data: null, errors: [{ code: 404, msg: 'trace not found' }] },
    });
    expect((await ask(viewer, '/api/dependencies')).status).toBe(404);
    expect((await fetch(`${viewer.url}/api/traces`, { method: 'POST' })).status).toBe(405);
  });
});
