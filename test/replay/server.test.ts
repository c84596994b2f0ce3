import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { CaseResponse } from '../../src/case/format.js';
import { type Replay, startReplay } from '../../src/replay/server.js';
import { failingCase } from '../cli/support.js';
import { runs } from '../support/property.js';

const open: Replay[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((replay) => replay.close()));
});

async function replayOf(response: CaseResponse, speed = Number.POSITIVE_INFINITY): Promise<Replay> {
  const replay = await startReplay(failingCase({ response }), { port: 0, speed, onRequest: () => {} });
  open.push(replay);
  return replay;
}

/** The bytes on the connection, and how it ended. */
async function raw(response: CaseResponse, speed?: number) {
  const { url } = await replayOf(response, speed);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
  });
  const failed = new Promise<string>((resolve) => socket.on('error', ({ message }) => resolve(message)));
  const began = performance.now();
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}');
  const end = await Promise.race([failed, once(socket, 'end').then(() => 'end')]);
  socket.destroy();
  const [head = '', body = ''] = received.split(/\r\n\r\n(.*)/s);
  return { head, body, end, millis: performance.now() - began };
}

const STREAM = { 'content-type': 'text/event-stream' };

test('each chunk is an HTTP chunk, cut as recorded: inside an event and a character', async () => {
  const euro = Buffer.from('€');
  const chunks = [
    'data: {"a',
    '":1}\n\n',
    { base64: euro.subarray(0, 1).toString('base64') },
    { text: 'ab', times: 2 },
  ];
  const { head, body, end } = await raw({ status: 200, headers: STREAM, chunks, end: 'clean' });
  expect(head.split('\r\n')).toEqual([
    'HTTP/1.1 200 OK',
    'content-type: text/event-stream',
    'Connection: close',
    'Transfer-Encoding: chunked',
  ]);
  expect(body).toBe(`9\r\ndata: {"a\r\n6\r\n":1}\n\n\r\n1\r\n\xe2\r\n4\r\nabab\r\n0\r\n\r\n`);
  expect(end).toBe('end');
});

test('a body of known length is not chunked, and duplicate headers stay duplicate', async () => {
  const headers = { 'content-length': '99', 'set-cookie': ['a', 'b'] };
  const { head, body } = await raw({ status: 404, headers, chunks: ['no', 'pe'], end: 'clean' });
  expect(head).toContain('content-length: 4\r\nset-cookie: a\r\nset-cookie: b');
  expect(body).toBe('nope');
});

test.each([
  ['x y', 'z'],
  ['x-a', 'b\r\nset-cookie: c'],
  ['x-b', ['d', '\0']],
])('names a header that cannot be sent: %j %j', async (name, value) => {
  const headers = { [name]: value };
  await expect(replayOf({ status: 200, headers, chunks: [], end: 'clean' })).rejects.toThrow(
    `Invalid response header in the case: "${name}"`,
  );
});

test('a header in UTF-8 is sent with the same bytes', async () => {
  const headers = { 'x-city': 'Zürich, 東京' };
  const { head } = await raw({ status: 200, headers, chunks: [], end: 'clean' });
  expect(Buffer.from(head, 'latin1').toString()).toContain('x-city: Zürich, 東京');
});

test('a redirect stays on loopback', async () => {
  const headers = { location: 'https://example.com/v2/chat?a=b', 'content-length': '0' };
  const { head } = await raw({ status: 307, headers, chunks: [], end: 'clean' });
  expect(head).toContain('location: /v2/chat?a=b\r\n');
});

test('a body that is cut inside an event', async () => {
  const ended = await raw({ status: 200, headers: STREAM, chunks: ['data: {"half'], end: 'cut' });
  expect([ended.body, ended.end]).toEqual(['c\r\ndata: {"half\r\n', 'end']);
});

test('without a status there is no response', async () => {
  expect(await raw({ end: 'cut' })).toMatchObject({ head: '', end: 'end' });
  expect(await raw({ end: 'reset' })).toMatchObject({ head: '', end: 'read ECONNRESET' });
});

test('nothing listens if the connection was refused', async () => {
  const { url } = await replayOf({ end: 'refused' });
  await expect(fetch(url, { method: 'POST' })).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});

test('no client gets the port that refuses as its own and connects to itself', async () => {
  const { url } = await replayOf({ end: 'refused' });
  const port = Number(new URL(url).port);
  const refused = () =>
    new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => resolve('connected')).on('error', ({ message }) => resolve(message));
    });
  const outcomes = new Set<string>();
  for (let left = runs(100_000, 2_000); left > 0; left -= 200)
    for (const outcome of await Promise.all(Array.from({ length: 200 }, refused))) outcomes.add(outcome);
  expect([...outcomes]).toEqual([`connect ECONNREFUSED 127.0.0.1:${port}`]);
});

test('a response that hangs ends with its client or with the replay', async () => {
  const replay = await replayOf({ status: 200, headers: STREAM, chunks: ['data: 1\n\n'], end: 'hang' });
  const response = await fetch(replay.url, { method: 'POST' });
  const reader = response.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
  const rest = reader?.read();
  await replay.close();
  await expect(rest).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
});

test('pauses are as recorded, divided by the speed', async () => {
  const paused: CaseResponse = {
    status: 200,
    headers: STREAM,
    afterMs: 300,
    gapMs: 200,
    endAfterMs: 300,
    chunks: ['a', 'b', { text: 'c', afterMs: 200 }],
    end: 'clean',
  };
  expect((await raw(paused, 1)).millis).toBeGreaterThan(950);
  const twice = (await raw(paused, 2)).millis;
  expect(twice).toBeGreaterThan(450);
});

test.each(['gzip', 'deflate', 'br'])(
  'with %s the decoded chunks are compressed, each readable on arrival',
  async (encoding) => {
    const chunks = ['data: one\n\n', 'data: two\n\n'];
    const { url } = await replayOf({
      status: 200,
      headers: { ...STREAM, 'content-encoding': encoding },
      chunks,
      end: 'hang',
    });
    const response = await fetch(url, { method: 'POST' });
    let text = '';
    for await (const piece of response.body ?? []) {
      text += Buffer.from(piece).toString();
      if (text.length === chunks.join('').length) break;
    }
    expect(text).toBe(chunks.join(''));
  },
);

test('a compressed body of known length has the length of the sent bytes', async () => {
  const headers = { 'content-encoding': 'gzip', 'content-length': '1' };
  const { head, body } = await raw({ status: 200, headers, chunks: ['{}'], end: 'clean' });
  expect(gunzipSync(Buffer.from(body, 'latin1')).toString()).toBe('{}');
  expect(head).toContain(`content-length: ${body.length}`);
});
