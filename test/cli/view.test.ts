import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runIds, runSpan, send } from '../viewer/support.js';
import { BROKEN, chatdebug, recordedRun, scratchFolder, startChatdebug } from './support.js';

const files = scratchFolder();
afterAll(files.remove);

let stores = 0;
const newStore = () => join(files.folder, `store-${++stores}`, 'viewer.sqlite');

async function startView(store: string, ...options: string[]) {
  const child = startChatdebug(['view', '--port', '0', '--store', store, ...options]);
  const line = await child.line('Endpoint:');
  return { child, url: line.replace('Endpoint:  OTEL_EXPORTER_OTLP_ENDPOINT=', '') };
}

test('prints the URLs of page and endpoint and the store, and exits with 0 at Ctrl-C', async () => {
  const store = newStore();
  const { child, url } = await startView(store);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${url}/`)).status).toBe(200);
  child.kill('SIGINT');
  expect(await child.ended).toMatchObject({
    code: 0,
    stderr: '',
    stdout: `Runs:      ${url}/\nEndpoint:  OTEL_EXPORTER_OTLP_ENDPOINT=${url}\nStore:     ${store}\nPress Ctrl-C to stop.\n`,
  });
});

test('stores in XDG_DATA_HOME, otherwise below the home directory', async () => {
  for (const [env, folder] of [
    [{ XDG_DATA_HOME: join(files.folder, 'xdg') }, join(files.folder, 'xdg')],
    [{ HOME: files.folder, XDG_DATA_HOME: 'relative' }, join(files.folder, '.local', 'share')],
  ] as const) {
    const child = startChatdebug(['view', '--port', '0'], { env });
    const store = (await child.line('Store:')).replace('Store:     ', '');
    expect(store).toBe(join(folder, 'opentelemetry-instrumentation-chatdebug', 'viewer.sqlite'));
    expect(existsSync(store)).toBe(true);
    child.kill();
    await child.ended;
  }
});

test.each([
  [['--port', 'x'], 'Invalid --port "x": expected a number from 0 to 65535'],
  [['--port', '65536'], 'Invalid --port "65536": expected a number from 0 to 65535'],
  [['--max-age', '3'], 'Invalid --max-age "3": expected a number with m, h or d, such as 7d'],
  [['--max-age', '0d'], 'Invalid --max-age "0d": expected a number with m, h or d, such as 7d'],
  [['--max-size', '1TB'], 'Invalid --max-size "1TB": expected a number with MB or GB, such as 1GB'],
  [['--max-size', '0.5MB'], 'Invalid --max-size "0.5MB": expected 1MB or more'],
  [['--store', ''], 'Invalid --store "": expected a file'],
  [['--delete-all', '--delete-chat', 'c'], '--delete-chat and --delete-all cannot be combined'],
  [['store.sqlite'], 'Unexpected argument "store.sqlite": expected options only'],
  [['--colour'], "Unknown option '--colour'"],
])('%j exits with 2', async (options, message) => {
  const { code, stdout, stderr } = await chatdebug(['view', ...options]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
  expect(stderr).toContain('Usage: npx opentelemetry-instrumentation-chatdebug view [options]');
});

test('its runs become cases, by viewer name or page URL', async () => {
  const { bodies, runs } = await recordedRun([BROKEN]);
  const { child, url } = await startView(newStore());
  const headers = { 'content-type': 'application/json' };
  for (const body of bodies) await fetch(`${url}/v1/traces`, { method: 'POST', headers, body });
  const id = String(runs[0]?.id);
  const made = [
    await chatdebug(['case', id, '--from', 'viewer', '--url', url]),
    await chatdebug(['case', id, '--from', url]),
    await chatdebug(['case', id, '--from', `${url}/?chat=c#run=${id}`]),
    await chatdebug(['case', id, '--from', `${url}/page.html#run=${id}`]),
  ];
  const unknown = await chatdebug(['case', 'other', '--from', 'viewer', '--url', url]);
  child.kill('SIGINT');
  await child.ended;
  expect(made.map(({ code, stderr }) => [code, stderr])).toEqual(made.map(() => [0, '']));
  expect(new Set(made.map(({ stdout }) => stdout)).size).toBe(1);
  expect(JSON.parse(made[0]?.stdout ?? '')).toMatchObject({ id, response: { status: 500 } });
  expect([unknown.code, unknown.stderr]).toEqual([1, `Run other not found in ${url}\n`]);
});

test('a port in use exits with 1 and leaves the store available', async () => {
  const store = newStore();
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await chatdebug(['view', '--port', String(port), '--store', store]);
  expect([code, stderr]).toEqual([1, `Port ${port} is in use. Choose another one with --port.\n`]);
  other.close();
  const { child } = await startView(store);
  child.kill();
  expect((await child.ended).code).toBe(0);
});

test('deletes a chat or everything, with and without a running viewer', async () => {
  const store = newStore();
  const { child, url } = await startView(store);
  const spans = ['a', 'b', 'c', 'd'].map((id) => runSpan(id, { chat: `chat ${id}/🦉` }));
  await send({ url }, ...spans);
  const deleting = (...options: string[]) => chatdebug(['view', '--store', store, ...options]);

  expect(await deleting('--delete-chat', 'chat a/🦉')).toMatchObject({
    code: 0,
    stdout: `Deleted chat chat a/🦉, by the viewer at ${url}.\n`,
  });
  expect([...(await runIds({ url }))].sort()).toEqual(['b', 'c', 'd']);
  child.kill();
  await child.ended;

  expect((await deleting('--delete-chat', 'chat b/🦉')).stdout).toBe('Deleted chat chat b/🦉: 1 run.\n');
  expect((await deleting('--delete-chat', 'unknown')).stdout).toBe('Deleted chat unknown: 0 runs.\n');
  expect((await deleting('--delete-all')).stdout).toBe('Deleted everything: 2 runs.\n');
  expect((await deleting('--delete-all')).stdout).toBe('Deleted everything: 0 runs.\n');
});

test('an unusable store exits with 1 and one line', async () => {
  const path = files.write('diary.txt', 'My diary. '.repeat(500));
  const { code, stderr } = await chatdebug(['view', '--port', '0', '--store', path]);
  expect([code, stderr]).toEqual([
    1,
    `The store ${path} is damaged (file is not a database). Move it away, or choose another file with --store.\n`,
  ]);
});
