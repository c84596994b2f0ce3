import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { openDatabase } from '../../src/viewer/database.js';
import { startNode } from '../support/child.js';
import { ask, jsonSpan, newId, post, requestOf, runIds, runSpan, send, viewers } from './support.js';

const { start, newStore, remove } = viewers();
afterAll(remove);

const PROGRAM = 'dist/cli.js';

/** The viewer in a separate process. */
async function startProcess(store: string, ...options: string[]) {
  const child = startNode([PROGRAM, 'view', '--port', '0', '--store', store, ...options], {});
  const line = await child.line('Endpoint:');
  return { child, url: line.replace(/^.*=/, '') };
}

test('data accepted with 200 survives SIGKILL', async () => {
  const store = newStore();
  const { child, url } = await startProcess(store);
  const accepted: string[] = [];
  const sending = (async () => {
    for (let at = 0; ; at++) {
      const ids = Array.from({ length: 20 }, (_, index) => `run-${at}-${index}`);
      const response = await post({ url }, requestOf(ids.map((id) => runSpan(id)))).catch(() => undefined);
      if (response === undefined || (await response.text().catch(() => '')) !== '{}') return;
      accepted.push(...ids);
      if (at === 20) child.kill('SIGKILL');
    }
  })();
  await Promise.all([sending, child.ended]);
  expect((await child.ended).signal).toBe('SIGKILL');
  expect(accepted.length).toBeGreaterThan(400);
  const again = await start({ store });
  const there = new Set(await runIds(again, '?limit=1000'));
  expect(accepted.filter((id) => !there.has(id))).toEqual([]);
});

test('two viewers on one store: the second names the URL of the first', async () => {
  const store = newStore();
  const { child, url } = await startProcess(store);
  const inUse = `The store ${store} is in use by the viewer at ${url}. Stop it, or choose another file with --store.`;
  await expect(start({ store })).rejects.toThrow(inUse);
  child.kill();
  await child.ended;
  await start({ store });
  await expect(start({ store })).rejects.toThrow('is in use by the viewer at http://127.0.0.1:');
});

test('store and folder are private to their owner', async () => {
  const { store } = await start();
  expect(statSync(store).mode & 0o777).toBe(0o600);
  expect(statSync(`${store}-wal`).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(store)).mode & 0o777).toBe(0o700);
});

test('the store of a newer version stays unchanged', async () => {
  const { store, close } = await start();
  await close();
  const database = openDatabase(store);
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA user_version = 2');
  database.close();
  const before = readFileSync(store);
  await expect(start({ store })).rejects.toThrow(
    `The store ${store} was written by a newer version of opentelemetry-instrumentation-chatdebug. Update the package, or choose another file with --store.`,
  );
  expect(readFileSync(store).equals(before)).toBe(true);
});

test('a database of another program, and a file that is not a database, stay unchanged', async () => {
  const { store, close } = await start();
  await close();
  const other = `${store}.other`;
  const database = openDatabase(other);
  database.exec('CREATE TABLE mine (text TEXT)');
  database.close();
  const before = readFileSync(other);
  await expect(start({ store: other })).rejects.toThrow(`${other} is not a store of this viewer.`);
  expect(readFileSync(other).equals(before)).toBe(true);
  writeFileSync(other, 'My diary. '.repeat(1_000));
  await expect(start({ store: other })).rejects.toThrow(
    `The store ${other} is damaged (file is not a database). Move it away, or choose another file with --store.`,
  );
  expect(readFileSync(other, 'utf8')).toBe('My diary. '.repeat(1_000));
});

test('a damaged store is reported, and accepts what it can', async () => {
  const { store, close, url } = await start();
  for (let at = 0; at < 50; at++)
    await send({ url }, runSpan(`run-${at}`, { attributes: { text: 'x'.repeat(10_000) } }));
  await close();
  const bytes = readFileSync(store);
  bytes.fill(0xa5, 4_096 * 3, bytes.length - 4_096);
  writeFileSync(store, bytes);
  const problem = /The store .* is damaged \(database disk image is malformed\)\. Move it away/;
  try {
    const viewer = await start({ store });
    const response = await post(viewer, requestOf([runSpan('run-1')]));
    expect(response.status).toBe(503);
    expect(await response.text()).toMatch(problem);
    expect((await fetch(`${viewer.url}/runs`)).status).toBe(502);
  } catch (error) {
    // Damaged pages may be read already when it is opened.
    expect(String(error)).toMatch(problem);
  }
});

test('a file that cannot be written is named', async () => {
  await expect(start({ store: '/proc/none/viewer.sqlite' })).rejects.toThrow(
    'The store /proc/none/viewer.sqlite cannot be created: ENOENT. Choose another file with --store.',
  );
  await expect(start({ store: '/dev/full' })).rejects.toThrow(/The store \/dev\/full /);
});

test('a full disk refuses what does not fit, and accepts it when there is space', async () => {
  const store = newStore();
  // The maximum file size of this process: a larger write fails, as on a full disk.
  const script = `trap '' XFSZ; ulimit -f 4000; exec "$0" ${PROGRAM} view --port 0 --store "$1"`;
  const limited = startNode(['-c', script, process.execPath, store], { execPath: 'sh' });
  const url = (await limited.line('Endpoint:')).replace(/^.*=/, '');
  const accepted: string[] = [];
  let refusal: Response | undefined;
  for (let at = 0; refusal === undefined && at < 100; at++) {
    const response = await post(
      { url },
      requestOf([runSpan(`run-${at}`, { attributes: { text: `${at}`.repeat(50_000) } })]),
    );
    if (response.ok) accepted.push(`run-${at}`);
    else refusal = response;
  }
  expect([refusal?.status, refusal?.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await refusal?.text()).toMatch(/could not be written: (database or disk is full|disk I\/O error)/);
  expect(accepted.length).toBeGreaterThan(3);
  expect(await runIds({ url }, '?limit=1000')).toHaveLength(accepted.length);
  limited.kill('SIGKILL');
  await limited.ended;
  const viewer = await start({ store });
  expect([...(await runIds(viewer, '?limit=1000'))].sort()).toEqual(accepted.sort());
  await send(viewer, runSpan('later'));
});

test('spans older than the retention are deleted', async () => {
  const { store, close, url } = await start();
  await send({ url }, runSpan('old'));
  await close();
  const viewer = await start({ store, maxAgeMillis: 0 });
  expect(await runIds(viewer)).toEqual([]);
  expect((await ask(viewer, '/api/services')).body.data).toEqual([]);
});

test('beyond the maximum size the oldest are deleted', async () => {
  const viewer = await start({ maxBytes: 3_000_000 });
  for (let at = 0; at < 60; at++)
    await send(
      viewer,
      runSpan(`run-${at}`, { at: Date.now() + at, attributes: { text: 'x'.repeat(200_000) } }),
    );
  const ids = await runIds(viewer, '?limit=1000');
  expect(ids[0]).toBe('run-59');
  expect(ids.length).toBeGreaterThan(5);
  expect(ids.length).toBeLessThan(20);
  await viewer.close();
  expect(statSync(viewer.store).size).toBeLessThan(4_000_000);
});

describe('deleting', () => {
  const DELETE = { method: 'DELETE' };

  test('a chat is deleted with its traces, including spans of other instrumentations', async () => {
    const viewer = await start();
    const traceId = newId(32);
    await send(
      viewer,
      runSpan('a', { chat: 'chat/1 🦉', traceId, attributes: { secret: 'x-marks-the-spot' } }),
      jsonSpan({ traceId, name: 'GET /' }),
      runSpan('b', { chat: 'chat 2' }),
    );
    const deleted = await fetch(`${viewer.url}/runs?chat=${encodeURIComponent('chat/1 🦉')}`, DELETE);
    expect(deleted.status).toBe(204);
    expect(await runIds(viewer)).toEqual(['b']);
    expect((await ask(viewer, `/api/traces/${traceId}`)).status).toBe(404);
    await viewer.close();
    const files = [viewer.store, `${viewer.store}-wal`].filter((file) => existsSync(file));
    for (const file of files) expect(readFileSync(file).includes('x-marks-the-spot')).toBe(false);
  });

  test('in a trace shared with another chat, only the spans of the chat are deleted', async () => {
    const viewer = await start();
    const traceId = newId(32);
    const other = jsonSpan({ traceId, name: 'GET /' });
    await send(viewer, runSpan('a', { chat: '1', traceId }), runSpan('b', { chat: '2', traceId }), other);
    await fetch(`${viewer.url}/runs?chat=1`, DELETE);
    expect(await runIds(viewer)).toEqual(['b']);
    expect((await ask(viewer, `/api/traces/${traceId}`)).body.data[0].spans).toHaveLength(2);
  });

  test('everything is deleted', async () => {
    const viewer = await start();
    await send(viewer, runSpan('a', { chat: '1' }), runSpan('b'), jsonSpan());
    expect((await fetch(`${viewer.url}/runs`, DELETE)).status).toBe(204);
    expect(await runIds(viewer)).toEqual([]);
    expect((await ask(viewer, '/api/services')).body.data).toEqual([]);
    await send(viewer, runSpan('c'));
    expect(await runIds(viewer)).toEqual(['c']);
  });
});

test('a closed store is one file, which can be copied and opened', async () => {
  const viewer = await start();
  await send(viewer, runSpan('a'));
  await viewer.close();
  expect(existsSync(`${viewer.store}-wal`)).toBe(false);
  const copy = `${viewer.store}.copy`;
  copyFileSync(viewer.store, copy);
  expect(await runIds(await start({ store: copy }))).toEqual(['a']);
});
