import { once } from 'node:events';
import { request } from 'node:http';
import type { RunSource } from '../../src/debug-tab/index.js';
import { withRun } from '../../src/index.js';
import { completion } from '../support/openai-replies.js';
import { BROKEN, type MountedTab, mountTab } from './mounted-tab.js';

let mounted: MountedTab;
afterEach(() => mounted.stop());

const start = async (...options: Parameters<typeof mountTab>) => {
  mounted = await mountTab(...options);
  return mounted;
};

test('the tab is shown while a chat is recorded in full, or has a kept run', async () => {
  await start({ captureFor: (chat) => (chat.chatId === 'full' ? 'full' : 'errors') });
  expect(await mounted.read('state?chat=c')).toEqual({
    version: 1,
    isShown: false,
    capture: 'errors',
    canSetCapture: false,
    hasKeptRuns: false,
  });
  expect(await mounted.read('state?chat=full')).toMatchObject({
    isShown: true,
    capture: 'full',
    hasKeptRuns: false,
  });
  await mounted.turn('c', completion('FINE'));
  expect(await mounted.read('state?chat=c')).toMatchObject({ isShown: false });
  await mounted.turn('c', BROKEN);
  expect(await mounted.read('state?chat=c')).toMatchObject({ isShown: true, hasKeptRuns: true });
  expect(await mounted.read('state?chat=d')).toMatchObject({ isShown: false });
});

test('a kept run is listed, read and downloaded', async () => {
  await start();
  const chatId = 'a/ü 🙂?&"';
  await mounted.turn(chatId, BROKEN);
  const { runs } = await mounted.read(`runs?chat=${encodeURIComponent(chatId)}`);
  expect(runs).toMatchObject([
    {
      chatId,
      ownerId: 'u',
      kind: 'chat_turn',
      status: 'error',
      capture: 'errors',
      model: 'm',
      stepCount: 1,
      error: { kind: 'generic' },
    },
  ]);
  const [{ id }] = runs;
  const detail = await mounted.read(`runs/${id}`);
  expect(detail.run).toMatchObject({ id, chatId });
  expect(detail.spans.map(({ name, isOwn }: { name: string; isOwn: boolean }) => [name, isOwn])).toEqual([
    ['invoke_workflow', true],
    ['chat m', true],
  ]);
  expect(detail.spans[1].events[0]).toMatchObject({ name: 'chatdebug.attempt' });
  for (const what of [`run=${id}`, `chat=${encodeURIComponent(chatId)}`]) {
    const response = await mounted.get(`export?${what}`);
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="[\w.-]+\.json"$/);
    expect(await response.json()).toMatchObject({ version: 1, runs: [{ run: { id } }] });
  }
});

test('a kept run is downloaded as a field case, if it has a call to replay', async () => {
  await start();
  await mounted.turn('c', BROKEN);
  const failed = await mounted.get(`case?run=${mounted.recording.handle.keptRuns('c')[0]?.runId}`);
  expect(failed.headers.get('content-disposition')).toMatch(/^attachment; filename="case-[\w.-]+\.json"$/);
  expect(await failed.json()).toMatchObject({
    request: { method: 'POST', path: '/v1/chat/completions' },
    response: { status: 500 },
    expect: { kind: 'generic' },
  });
  await withRun({ chatId: 'd' }, () => Promise.reject(new Error('no call'))).catch(() => {});
  await mounted.recording.handle.forceFlush();
  const none = await mounted.get(`case?run=${mounted.recording.handle.keptRuns('d')[0]?.runId}`);
  expect([none.status, await none.json()]).toEqual([409, { error: expect.any(String) }]);
  await mounted.turn('other', BROKEN);
  const [{ runId } = { runId: '' }] = mounted.recording.handle.keptRuns('other');
  expect((await mounted.get(`case?run=${runId}`)).status).toBe(404);
});

test.each([
  'state?chat=other',
  'runs?chat=other',
  'export?chat=other',
  'events?chat=other',
  'nothing',
  'runs/x',
])('a forbidden run answers 404: %s', async (path) => {
  await start();
  await mounted.turn('other', BROKEN);
  const [{ runId } = { runId: '' }] = mounted.recording.handle.keptRuns('other');
  const unknown = await mounted.get('runs/none-of-this-id');
  const expected = [404, await unknown.json()];
  for (const one of [
    await mounted.get(path),
    await mounted.get(`runs/${runId}`),
    await mounted.get(`export?run=${runId}`),
  ])
    expect([one.status, await one.json()]).toEqual(expected);
  const [anonymous] = [await mounted.get('runs?chat=c', { headers: {} })];
  expect(anonymous.status).toBe(404);
});

test('an authorize that throws, rejects or returns something else refuses', async () => {
  const answers = [
    () => {
      throw new Error('broken');
    },
    () => Promise.reject(new Error('broken')),
    () => 'yes' as unknown as boolean,
  ];
  for (const one of answers) {
    await start({}, () => ({ authorize: one }));
    expect((await mounted.get('state?chat=c')).status).toBe(404);
    await mounted.stop();
  }
  await start();
});

test('spans of other chats and instrumentations in the same trace are omitted', async () => {
  await start({ retain: 'run' });
  mounted.recording.provider.reply(BROKEN);
  await withRun({ chatId: 'c' }, async () => {
    await withRun({ chatId: 'other', kind: 'title' }, async () => {
      await mounted.openai.chat.completions.create({ model: 'm', messages: [] });
    }).catch(() => {});
    throw new Error('failed');
  }).catch(() => {});
  await mounted.recording.handle.forceFlush();
  const { runs } = await mounted.read('runs?chat=c');
  const { spans } = await mounted.read(`runs/${runs[0].id}`);
  expect(spans.map(({ name }: { name: string }) => name)).toEqual(['invoke_workflow']);
});

test('the bare path redirects to the page', async () => {
  await start();
  const response = await fetch(`${mounted.url}?chat=c%2F%F0%9F%99%82`, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([
    307,
    'debug-tab/page.html?chat=c%2F%F0%9F%99%82',
  ]);
  const page = await fetch(mounted.url);
  expect([page.status, page.url, await page.text()]).toEqual([
    200,
    `${mounted.url}/page.html`,
    expect.stringContaining('<title>Debug runs</title>'),
  ]);
});

test('every response has security headers', async () => {
  await start();
  for (const path of ['state?chat=c', 'nothing', 'runs?chat=c&limit=x']) {
    const { headers } = await mounted.get(path);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'/,
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

test.each(['runs?chat=c&limit=0', 'runs?chat=c&limit=x', 'runs/%E0%A4%A'])('bad input: %s', async (path) => {
  await start();
  const response = await mounted.get(path);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: expect.any(String) });
});

test.each([
  ['//attacker.example/debug-tab/state?chat=c', 404],
  ['http://attacker.example/debug-tab/state?chat=c', 200],
  ['http://[', 400],
])('the request target %s answers %i: its host does not count', async (path, status) => {
  const { url } = await start();
  const { hostname, port } = new URL(url);
  const [response] = await once(
    request({ hostname, port, path, headers: { 'x-user': 'u' } }).end(),
    'response',
  );
  response.resume();
  expect(response.statusCode).toBe(status);
});

describe('several sources', () => {
  const silent: RunSource = {
    has: () => Promise.reject(new Error('http://internal:3200 is down')),
    list: () => Promise.reject(new Error('http://internal:3200 is down')),
    trace: () => Promise.reject(new Error('http://internal:3200 is down')),
  };

  test('a failing source is skipped, and its address is not shown', async () => {
    await start({}, (own) => ({ source: [own, silent] }));
    await mounted.turn('c', BROKEN);
    expect(await mounted.read('state?chat=c')).toMatchObject({ isShown: true });
    const { runs, isIncomplete } = await mounted.read('runs?chat=c');
    expect([runs.length, isIncomplete]).toEqual([1, true]);
    expect((await mounted.get(`runs/${runs[0].id}`)).status).toBe(200);
    const response = await mounted.get('runs/unknown');
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain('internal');
  });

  test('the second is queried only if the first has no result', async () => {
    const asked: string[] = [];
    const backend: RunSource = {
      has: async (chatId) => asked.push(chatId) > 0,
      list: async () => [],
      trace: async () => undefined,
    };
    await start({}, (own) => ({ source: [own, backend] }));
    await mounted.turn('c', BROKEN);
    await mounted.read('state?chat=c');
    expect(asked).toEqual([]);
    expect(await mounted.read('state?chat=d')).toMatchObject({ isShown: true });
    expect(asked).toEqual(['d']);
  });
});

describe('the capture of a chat', () => {
  const set: [string, string][] = [];
  const withSwitch = () =>
    start({}, () => ({ setCapture: (chatId, capture) => void set.push([chatId, capture]) }));
  const put = (body: string, headers: Record<string, string> = {}, chat = 'c') =>
    fetch(`${mounted.url}/capture?chat=${chat}`, {
      method: 'PUT',
      body,
      headers: { 'x-user': 'u', ...headers },
    });

  test('is set by the application, for authorised users', async () => {
    await withSwitch();
    expect(await mounted.read('state?chat=c')).toMatchObject({ canSetCapture: true });
    expect((await put('{"capture":"full"}')).status).toBe(204);
    expect((await put('{"capture":"full"}', {}, 'other')).status).toBe(404);
    expect((await put('{"capture":"off"}')).status).toBe(400);
    expect((await put('capture=full')).status).toBe(400);
    expect((await put('x'.repeat(100_000))).status).toBe(400);
    expect((await mounted.get('capture?chat=c')).status).toBe(405);
    expect(set).toEqual([['c', 'full']]);
  });

  test('cannot be set by another page', async () => {
    await withSwitch();
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ])
      expect((await put('{"capture":"full"}', headers)).status).toBe(403);
    expect((await put('{"capture":"full"}', { origin: new URL(mounted.url).origin })).status).toBe(204);
  });

  test('cannot be set without setCapture', async () => {
    await start();
    expect((await put('{"capture":"full"}')).status).toBe(404);
  });
});
