import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';
import * as undici from 'undici';
import { BodyCapture } from '../../src/attempt/body/capture.js';
import { type Recording, startRecording } from '../support/recording.js';
import { record } from './record.js';

const TEXT = 'Grüße aus der Küche. '.repeat(200);
const BYTES = Buffer.from(TEXT);

let recording: Recording;
beforeAll(async () => {
  recording = await startRecording();
  recording.provider.reply({ type: 'json', body: { ok: true } });
});
afterAll(() => recording.stop());

/** The sent and the recorded body, and how often its iterator was requested. */
async function sent(call: (url: string) => Promise<unknown>) {
  const { outcome, attempt, attributes } = await record(recording, () => call(recording.provider.url));
  const body = recording.provider.requests.at(-1)?.body ?? Buffer.alloc(0);
  return { outcome, body, attempt, size: attributes['chatdebug.attempt.request_body_size'] };
}

const byFetch = (body: unknown) => (url: string) =>
  fetch(url, { method: 'POST', body: body as Buffer, duplex: 'half' }).then((response) => response.json());

const byNpmFetch = (body: unknown) => (url: string) =>
  undici
    .fetch(url, { method: 'POST', body: body as Buffer, duplex: 'half' })
    .then((response) => response.json());

const byRequest = (body: unknown) => (url: string) =>
  undici.request(url, { method: 'POST', body: body as Buffer }).then((answer) => answer.body.json());

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < BYTES.length; at += 333) yield BYTES.subarray(at, at + 333);
}

/** Iterable only once: a second reader would get an error, and so would the application. */
function once(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> & { asked: number } {
  return {
    asked: 0,
    [Symbol.asyncIterator]() {
      this.asked += 1;
      if (this.asked > 1) throw new Error('iterated twice');
      return source[Symbol.asyncIterator]();
    },
  };
}

const exactly: ArrayBuffer = Uint8Array.from(BYTES).buffer;

test.each<[string, (url: string) => Promise<unknown>]>([
  ['fetch, a string', byFetch(TEXT)],
  ['fetch, a Buffer', byFetch(BYTES)],
  ['fetch, an ArrayBuffer', byFetch(exactly)],
  ['fetch, a view', byFetch(new DataView(exactly))],
  ['fetch, a Blob', byFetch(new Blob([TEXT]))],
  ['fetch, a ReadableStream', byFetch(new Blob([BYTES]).stream())],
  ['fetch, an async iterator', byFetch(once(pieces()))],
  [
    'fetch, a Request object',
    (url) => fetch(new Request(url, { method: 'POST', body: TEXT })).then((r) => r.json()),
  ],
  ['request, a string', byRequest(TEXT)],
  ['request, a Buffer', byRequest(BYTES)],
  ['request, a Blob', byRequest(new Blob([TEXT]))],
  ['request, a Readable', byRequest(Readable.from(pieces()))],
  ['request, a Readable of strings', byRequest(Readable.from([TEXT.slice(0, 100), TEXT.slice(100)]))],
  ['request, an async iterator', byRequest(once(pieces()))],
])('%s', async (_, call) => {
  const { outcome, body, attempt, size } = await sent(call);
  expect(outcome).toEqual({ value: { ok: true } });
  expect(body.equals(BYTES)).toBe(true);
  expect(attempt).toMatchObject({ status: 'completed', requestBody: TEXT });
  expect(size).toBe(BYTES.length);
});

test('URLSearchParams', async () => {
  const { body, attempt } = await sent(byFetch(new URLSearchParams({ a: '1 2', b: 'ü' })));
  expect([String(body), attempt.requestBody]).toEqual(['a=1+2&b=%C3%BC', 'a=1+2&b=%C3%BC']);
});

test.each([
  ['fetch', byFetch, () => new FormData()],
  ['npm fetch', byNpmFetch, () => new undici.FormData()],
])('FormData by %s has its fields, and the type and size of its file', async (_, by, create) => {
  const form = create();
  form.set('purpose', 'vision');
  form.set('file', new Blob([BYTES], { type: 'image/png' }), 'a.png');
  const { outcome, body, attempt, size } = await sent(by(form));
  expect(outcome).toEqual({ value: { ok: true } });
  expect(body.includes(BYTES)).toBe(true);
  expect(size).toBe(body.length);
  expect(attempt.requestBody).toContain('name="purpose"\r\n\r\nvision\r\n');
  expect(attempt.requestBody).toContain(`[image/png, ${BYTES.length} bytes]`);
});

test('a body of another realm (a vm context, an edge sandbox)', async () => {
  const chunk: Uint8Array = runInNewContext('new Uint8Array([72, 105])');
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(chunk);
      controller.close();
    },
  });
  const { body, attempt, size } = await sent(byFetch(stream));
  expect([String(body), attempt.requestBody, size]).toEqual(['Hi', 'Hi', 2]);
});

test('no body', async () => {
  const { attempt, size } = await sent(byFetch(''));
  expect([attempt.status, attempt.requestBody, size]).toEqual(['completed', undefined, undefined]);
});

test('a body with a failing source is a failed attempt, and the application gets its error', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield BYTES;
    throw new RangeError('the disk is gone');
  }
  const { outcome, attempt } = await sent(byRequest(broken()));
  expect(outcome).toMatchObject({ error: { name: 'RangeError', message: 'the disk is gone' } });
  expect(attempt).toMatchObject({ status: 'failed', errorType: 'RangeError', statusCode: undefined });
});

test.each([
  ['fetch', byFetch],
  ['request', byRequest],
])('%s: 20 MB are counted, not held', async (_, by) => {
  const MEGABYTE = Buffer.alloc(1_000_000, 'x');
  async function* large(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 20; i++) yield MEGABYTE;
  }
  const add = jest.spyOn(BodyCapture.prototype, 'add');
  const { outcome, body, attempt, size } = await sent(by(large()));
  const held = add.mock.contexts.map((capture) => capture.heldBytes);
  add.mockRestore();
  expect(outcome).toEqual({ value: { ok: true } });
  expect([body.length, size, attempt.requestBody?.length]).toEqual([20_000_000, 20_000_000, 50_011]);
  expect(Math.max(...held)).toBeLessThanOrEqual(50_000);
});
