import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { read } from '../docs/pages.js';
import { startServer } from './conversations.js';
import { type InstalledExample, installProject } from './installed-example.js';

/** The table in docs/debug-tab.md with the way to mount the tab in each framework. */
const ROWS = new Map(
  [...read('docs/debug-tab.md').matchAll(/^\| ([\w.:`]+) \| `(.*)` \|$/gm)].map(
    ([, name = '', code = '']) => [name.replaceAll('`', ''), code],
  ),
);

/** The program around the line of the table: `app` is the application that mounts the tab, `server` its server. */
const SERVERS: Readonly<Record<string, (mount: string) => string>> = {
  Hono: (mount) => `import { serve } from '@hono/node-server';
    import { Hono } from 'hono';
    const app = new Hono();
    ${mount};
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, listening);`,
  Express: (mount) => `import express from 'express';
    const app = express();
    app.use(express.json());
    ${mount};
    const server = app.listen(0, '127.0.0.1', () => listening(server.address()));`,
  Fastify: (mount) => `import { fastify } from 'fastify';
    const app = fastify();
    ${mount};
    await app.listen({ host: '127.0.0.1', port: 0 });
    listening(app.server.address());`,
  'node:http': (mount) => `import { createServer } from 'node:http';
    const server = ${mount};
    server.listen(0, '127.0.0.1', () => listening(server.address()));`,
};

const program = (name: string) => `import { startChatDebug } from 'opentelemetry-instrumentation-chatdebug';
  import { createDebugTab, processRuns, toNodeHandler } from 'opentelemetry-instrumentation-chatdebug/debug-tab';
  const full = new Set();
  startChatDebug({ captureFor: ({ chatId }) => (full.has(chatId) ? 'full' : 'errors') });
  const tab = createDebugTab({
    source: processRuns(),
    authorize: (request, chatId) => request.headers.get('x-user') === 'u' && chatId === 'a/🙂',
    setCapture: (chatId, capture) => void (capture === 'full' ? full.add(chatId) : full.delete(chatId)),
  });
  const listening = ({ port }) => console.log('http://127.0.0.1:' + port);
  ${SERVERS[name]?.(ROWS.get(name) ?? '')}
`;

let project: InstalledExample;
beforeAll(() => {
  project = installProject(join('test', 'frameworks', 'mounts'));
}, 240_000);

test('the table has these frameworks, and Next.js, which is an example', () => {
  expect([...ROWS.keys()]).toEqual(Object.keys(SERVERS));
});

test.each(Object.keys(SERVERS))('%s, as the page says', async (name) => {
  writeFileSync(join(project.directory, 'server.mjs'), program(name));
  const app = startServer({ cwd: project.directory, argv: ['server.mjs'] });
  try {
    const base = `${await app.url}/debug-tab`;
    const chat = `chat=${encodeURIComponent('a/🙂')}`;
    const ask = (path: string, init: RequestInit = {}, user = 'u') =>
      fetch(`${base}/${path}`, { ...init, headers: { 'x-user': user, ...init.headers } });
    const state = await ask(`state?${chat}`);
    expect([state.status, await state.json()]).toEqual([
      200,
      expect.objectContaining({ isShown: false, capture: 'errors', canSetCapture: true }),
    ]);
    for (const [path, type] of [
      ['component.js', 'text/javascript; charset=utf-8'],
      [`?${chat}`, 'text/html; charset=utf-8'],
      ['page.html', 'text/html; charset=utf-8'],
    ] as const) {
      const { status, headers } = await ask(path);
      expect([path, status, headers.get('content-type')]).toEqual([path, 200, type]);
    }
    const put = (headers: Record<string, string>, user = 'u') =>
      ask(`capture?${chat}`, { method: 'PUT', headers, body: '{"capture":"full"}' }, user);
    expect((await put({ 'content-type': 'application/json' })).status).toBe(204);
    expect(await (await ask(`state?${chat}`)).json()).toMatchObject({ isShown: true, capture: 'full' });
    expect((await put({ 'content-type': 'application/json' }, 'v')).status).toBe(404);
    for (const path of [`state?${chat}`, `runs?${chat}`, `events?${chat}`, 'runs/x', 'state?chat=other'])
      expect((await ask(path, {}, path === 'state?chat=other' ? 'u' : 'v')).status).toBe(404);
    const events = await ask(`events?${chat}`);
    expect(events.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    for await (const chunk of events.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('event: state')) break;
    }
    expect(text).toContain('"capture":"full"');
  } finally {
    expect((await app.stop()).stderr).toBe('');
  }
});
