import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import * as undici from 'undici';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import { type RawServer, rawReplies, startRawServer } from './raw-server.js';
import { record } from './record.js';

let recording: Recording;
beforeAll(async () => {
  recording = await startRecording();
});
afterAll(() => recording.stop());

const text = (url: string, init?: RequestInit) => fetch(url, init).then((response) => response.text());

/** One exchange of Node's fetch with the scripted reply. */
function exchange(reply: Reply, init?: RequestInit) {
  recording.provider.reply(reply);
  return record(recording, () => text(recording.provider.url, init));
}

const json = (body: string | Buffer, headers = {}): Reply => ({
  type: 'text',
  body,
  headers: { 'content-type': 'application/json', ...headers },
});

describe('an event stream', () => {
  test('is complete when it ends, chunked and without a length', async () => {
    const { step, attempt } = await exchange({ type: 'sse', events: [{ data: { a: 1 } }, ': ping\n\n'] });
    const responseBody = 'data: {"a":1}\n\n: ping\n\ndata: [DONE]\n\n';
    expect(attempt).toMatchObject({ status: 'completed', statusCode: 200, responseBody });
    expect(step.status).toBe('completed');
  });

  test('is complete even if its last event is not', async () => {
    const { attempt } = await exchange({ type: 'sse', events: ['data: {"a"'], done: false });
    expect(attempt).toMatchObject({ status: 'completed', responseBody: 'data: {"a"' });
  });

  test('fails if its socket is cut', async () => {
    const { outcome, step, attempt } = await exchange({
      type: 'sse',
      events: ['data: 1\n\n', 'x'],
      cutAfter: 1,
    });
    expect(outcome).toMatchObject({ error: { name: 'TypeError', message: 'terminated' } });
    expect(attempt).toMatchObject({
      status: 'failed',
      errorType: 'UND_ERR_SOCKET',
      responseBody: 'data: 1\n\n',
    });
    expect(step).toMatchObject({ status: 'error', error: { kind: 'timeout' } });
  });
});

describe('any other body', () => {
  test.each([
    ['JSON that breaks off', json('{"a":'), 'IncompleteBodyError', '{"a":'],
    [
      'JSON that breaks off, chunked',
      { ...json('{"a":'), chunked: true } as Reply,
      'IncompleteBodyError',
      '{"a":',
    ],
    ['fewer bytes than announced', json('{"a":1}', { 'content-length': '20' }), 'UND_ERR_SOCKET', '{"a":1}'],
    [
      'a socket cut in the body',
      { type: 'cut', when: 'in-body' } as Reply,
      'UND_ERR_SOCKET',
      expect.any(String),
    ],
    [
      'a socket cut before the head',
      { type: 'cut', when: 'before-headers' } as Reply,
      'UND_ERR_SOCKET',
      undefined,
    ],
  ])('%s is a failed attempt', async (_, reply, errorType, responseBody) => {
    const { attempt } = await exchange(reply);
    expect(attempt).toMatchObject({ status: 'failed', errorType, responseBody });
  });

  test.each([
    [
      'HEAD, though it announces a length',
      { type: 'json', body: { a: 1 } } as Reply,
      { method: 'HEAD' },
      200,
    ],
    ['204', { type: 'text', status: 204, body: '' } as Reply, {}, 204],
    [
      '304, though it announces a length',
      { ...json(''), status: 304, headers: { 'content-length': '9' } } as Reply,
      {},
      304,
    ],
    ['an empty answer', { type: 'text', body: '' } as Reply, {}, 200],
  ])('%s has no body and is complete', async (_, reply, init, statusCode) => {
    const { attempt, attributes } = await exchange(reply, init);
    expect(attempt).toMatchObject({ status: 'completed', statusCode, responseBody: undefined });
    expect(attributes).not.toHaveProperty(['chatdebug.attempt.response_body_size']);
  });

  test('a body without length and chunks ends with the connection', async () => {
    const server = await rawReplies('HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\n', 'to the end');
    const read = async () => {
      const response = await fetch(server.url);
      const reader = response.body?.getReader();
      const first = await reader?.read();
      await server.close();
      return [first?.done, (await reader?.read())?.done];
    };
    const { outcome, attempt } = await record(recording, read);
    expect(outcome).toEqual({ value: [false, true] });
    expect(attempt).toMatchObject({ status: 'completed', responseBody: 'to the end' });
  });

  test.each([
    [
      'an error status',
      json('{"error":{"message":"no such model","code":"model_not_found"}}'),
      'model_not_found',
    ],
    ['an error status with half of a body', json('{"error":{"mess'), '404'],
  ])('%s is a failed attempt', async (_, reply, errorType) => {
    const { attempt } = await exchange({ ...reply, status: 404 } as Reply);
    expect(attempt).toMatchObject({ status: 'failed', statusCode: 404, errorType });
  });
});

describe('a body is truncated at its limit', () => {
  const LIMIT = 50_000;

  test.each([
    [LIMIT, 'a'.repeat(LIMIT)],
    [LIMIT + 1, `${'a'.repeat(LIMIT)}[TRUNCATED]`],
    [3_000_000, `${'a'.repeat(LIMIT)}[TRUNCATED]`],
  ])('%i bytes in both directions', async (size, kept) => {
    const body = 'a'.repeat(size);
    const { outcome, attempt, attributes } = await exchange({ type: 'text', body }, { method: 'POST', body });
    expect(outcome).toEqual({ value: body });
    expect([attempt.status, attempt.requestBody === kept, attempt.responseBody === kept]).toEqual([
      'completed',
      true,
      true,
    ]);
    expect(attributes).toMatchObject({
      'chatdebug.attempt.request_body_size': size,
      'chatdebug.attempt.response_body_size': size,
    });
  });

  test('JSON of which only the beginning was kept is not judged', async () => {
    const { attempt } = await exchange(json(JSON.stringify({ a: 'b'.repeat(LIMIT) })));
    expect(attempt.status).toBe('completed');
  });

  test('no character is split', async () => {
    const { attempt } = await exchange({ type: 'text', body: `a${'ü'.repeat(LIMIT)}` });
    expect(attempt.responseBody === `a${'ü'.repeat((LIMIT - 2) / 2)}[TRUNCATED]`).toBe(true);
  });
});

describe('content encodings', () => {
  const body = JSON.stringify({ text: 'Ja, ça va. '.repeat(500) });

  test.each([
    ['gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
    ['gzip, br', brotliCompressSync(gzipSync(body))],
  ])('%s is decoded, and the size is that on the wire', async (encoding, encoded) => {
    const { outcome, attempt, attributes } = await exchange(json(encoded, { 'content-encoding': encoding }));
    expect(outcome).toEqual({ value: body });
    expect(attempt).toMatchObject({ status: 'completed', responseBody: body });
    expect(attributes['chatdebug.attempt.response_body_size']).toBe(encoded.length);
  });

  test("npm's request does not decode the body, the record does", async () => {
    recording.provider.reply(json(gzipSync(body), { 'content-encoding': 'gzip' }));
    const { outcome, attempt } = await record(recording, async () => {
      const answer = await undici.request(recording.provider.url);
      return Buffer.from(await answer.body.arrayBuffer());
    });
    expect(outcome).toEqual({ value: gzipSync(body) });
    expect(attempt).toMatchObject({ status: 'completed', responseBody: body });
  });

  test('a compressed event stream, flushed after each event', async () => {
    const { attempt } = await exchange({
      type: 'sse',
      events: ['data: 1\n\n', 'data: 2\n\n'],
      encoding: 'gzip',
    });
    expect(attempt.responseBody).toBe('data: 1\n\ndata: 2\n\ndata: [DONE]\n\n');
  });

  test('a decompression bomb costs no more than the bound', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000, 'a'), { level: 9 });
    recording.provider.reply({ type: 'text', body: bomb, headers: { 'content-encoding': 'gzip' } });
    const before = process.memoryUsage().rss;
    const { attempt } = await record(recording, async () => {
      const answer = await undici.request(recording.provider.url);
      return (await answer.body.arrayBuffer()).byteLength;
    });
    expect(attempt.responseBody?.length).toBe(50_000 + '[TRUNCATED]'.length);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });
});

describe('before the response', () => {
  const HINTS = 'HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\nx-hint: 1\r\n\r\n';
  const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-real: 1\r\n\r\nok';
  let server: RawServer;
  beforeAll(async () => {
    server = await rawReplies(HINTS, HINTS, ANSWER);
  });
  afterAll(() => server.close());

  test.each([
    ["Node's fetch", () => text(server.url)],
    ['fetch', () => undici.fetch(server.url).then((response) => response.text())],
    ['request', () => undici.request(server.url).then(({ body }) => body.text())],
  ])('early hints are not the response: %s', async (_, call) => {
    const { outcome, step, attempt, attributes } = await record(recording, call);
    expect(outcome).toEqual({ value: 'ok' });
    expect(step.attempts).toHaveLength(1);
    expect(attempt).toMatchObject({ status: 'completed', statusCode: 200, responseBody: 'ok' });
    expect(attributes['http.response.header.x-real']).toEqual(['1']);
    expect(attributes).not.toHaveProperty(['http.response.header.x-hint']);
  });

  test('early hints without a response: no status', async () => {
    const cut = await startRawServer((socket) => void socket.end(HINTS));
    const { attempt } = await record(recording, () => text(cut.url));
    await cut.close();
    expect(attempt).toMatchObject({ status: 'failed', statusCode: undefined, errorType: 'UND_ERR_SOCKET' });
  });
});
