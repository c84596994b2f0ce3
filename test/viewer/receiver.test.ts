import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { ask, jsonSpan, post, requestOf, runIds, runSpan, send, viewers } from './support.js';

const { start, remove } = viewers();
afterAll(remove);

const PROTOBUF = { 'content-type': 'application/x-protobuf' };

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
] as const)('a body in %s is decompressed', async (encoding, compress) => {
  const viewer = await start();
  const body = compress(JSON.stringify(requestOf([runSpan('run-1')])));
  const response = await post(viewer, body, { 'content-encoding': encoding });
  expect([response.status, await response.json()]).toEqual([200, {}]);
  expect(await runIds(viewer)).toEqual(['run-1']);
});

test('a span sent twice is stored once', async () => {
  const viewer = await start();
  const span = runSpan('run-1');
  await send(viewer, span, span);
  await send(viewer, span);
  expect((await ask(viewer, '/runs/run-1')).body.spans).toHaveLength(1);
});

test('spans without valid ids or a time are rejected and counted, and the others are stored', async () => {
  const viewer = await start();
  const bad = [
    jsonSpan({ traceId: 'abc' }),
    jsonSpan({ spanId: '0'.repeat(16) }),
    jsonSpan({ traceId: `${'g'.repeat(32)}` }),
    { ...jsonSpan(), startTimeUnixNano: undefined },
    { ...jsonSpan(), startTimeUnixNano: '18446744073709551615' },
    {},
  ];
  const response = await post(viewer, requestOf([...bad, runSpan('good')]));
  expect([response.status, await response.json()]).toEqual([
    200,
    {
      partialSuccess: {
        rejectedSpans: '6',
        errorMessage: 'spans need a trace id, a span id and a start time',
      },
    },
  ]);
  expect(await runIds(viewer)).toEqual(['good']);
});

test('logs and metrics are accepted and ignored', async () => {
  const viewer = await start();
  for (const path of ['/v1/logs', '/v1/metrics']) {
    const json = await post(viewer, { resourceLogs: [] }, {}, path);
    expect([json.status, await json.text()]).toEqual([200, '{}']);
    const protobuf = await post(viewer, new Uint8Array([1, 2]), PROTOBUF, path);
    expect([protobuf.status, await protobuf.text()]).toEqual([200, '']);
  }
});

const bomb = gzipSync(Buffer.alloc(70 * 1024 * 1024));

test.each([
  ['no JSON', '{"resourceSpans":[', {}, 400],
  ['JSON of something else', '{"resourceSpans":7}', {}, 400],
  ['no protobuf', 'hello', PROTOBUF, 400],
  ['broken gzip', 'hello', { 'content-encoding': 'gzip' }, 400],
  ['gzip that is cut off', bomb.subarray(0, 1_000), { 'content-encoding': 'gzip' }, 400],
  ['a bomb', bomb, { 'content-encoding': 'gzip' }, 413],
  ['an unknown encoding', '{}', { 'content-encoding': 'compress' }, 415],
  ['an unknown content type', '{}', { 'content-type': 'text/plain' }, 415],
] as const)('%s is refused, and the viewer continues', async (_, body, headers, status) => {
  const viewer = await start();
  const response = await post(viewer, Buffer.from(body), headers);
  expect(response.status).toBe(status);
  const type =
    'content-type' in headers && headers === PROTOBUF ? PROTOBUF['content-type'] : 'application/json';
  expect(response.headers.get('content-type')).toBe(type);
  if (type === 'application/json') expect(await response.json()).toMatchObject({ code: expect.any(Number) });
  await send(viewer, runSpan('after'));
  expect(await runIds(viewer)).toEqual(['after']);
  expect(viewer.problems).toEqual([]);
});

test('a decompression bomb takes no more memory than the maximum body', async () => {
  const viewer = await start();
  // Members of a gzip file are decompressed one after the other.
  const huge = Buffer.concat(Array.from({ length: 14 }, () => bomb));
  const before = process.memoryUsage().rss;
  const responses = await Promise.all(
    Array.from({ length: 4 }, () => post(viewer, huge, { 'content-encoding': 'gzip' })),
  );
  const grown = process.memoryUsage().rss - before;
  expect(responses.map(({ status }) => status)).toEqual([413, 413, 413, 413]);
  expect(grown).toBeLessThan(300 * 1024 * 1024);
});

test('a body with a larger declared length is refused before it arrives', async () => {
  const viewer = await start();
  const { hostname, port } = new URL(viewer.url);
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': 100 * 1024 * 1024 };
    request({ hostname, port, path: '/v1/traces', method: 'POST', headers }, (response) => {
      resolve(response.statusCode);
      response.destroy();
    })
      .on('error', reject)
      .write('{');
  });
  expect(status).toBe(413);
});

test('methods other than POST are refused', async () => {
  const viewer = await start();
  const response = await fetch(`${viewer.url}/v1/traces`);
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
});
