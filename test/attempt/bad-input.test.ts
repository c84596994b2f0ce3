import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as undici from 'undici';
import { withRun, withStep } from '../../src/index.js';
import { startRefusingPort } from '../support/loopback.js';
import { type Recording, startRecording } from '../support/recording.js';
import { rawReplies } from './raw-server.js';
import { outcomeOf, record } from './record.js';

let recording: Recording;
beforeAll(async () => {
  recording = await startRecording();
});
afterAll(() => recording.stop());

const wire = () => recording.receiver.bodies.map(String).join('\n');

describe('headers that are not ASCII', () => {
  const HEAD =
    'HTTP/1.1 200 OK\r\nx-latin: caf\xe9\r\nx-obs: \x80\xff\r\nx-empty:\r\nX-Tab: a\tb\r\ncontent-length: 2\r\n\r\nok';

  test.each([
    ["Node's fetch", (url: string) => fetch(url).then((response) => response.text())],
    ['npm request', (url: string) => undici.request(url).then(({ body }) => body.text())],
  ])('%s: Latin-1, byte for byte', async (_, call) => {
    const server = await rawReplies(HEAD);
    const { outcome, attempt, attributes } = await record(recording, () => call(server.url));
    await server.close();
    expect(outcome).toEqual({ value: 'ok' });
    expect(attempt.status).toBe('completed');
    expect(attributes).toMatchObject({
      'http.response.header.x-latin': ['caf\xe9'],
      'http.response.header.x-obs': ['\x80\xff'],
      'http.response.header.x-empty': [''],
      'http.response.header.x-tab': ['a\tb'],
    });
  });
});

describe('a response that is not HTTP', () => {
  test.each([
    ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a bad chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nx-nul: a\0b\r\ncontent-length: 0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
  ])('%s: failed', async (_, bytes) => {
    const server = await rawReplies(bytes);
    const { outcome, step, attempt } = await record(recording, () => fetch(server.url).then((r) => r.text()));
    await server.close();
    expect(outcome).toHaveProperty('error');
    expect([attempt.status, step.status]).toEqual(['failed', 'error']);
    expect(attempt.errorType).toMatch(/^(HPE_|UND_ERR_|HTTPParserError$)/);
  });
});

test('user info in a URL: the export does not contain the password', async () => {
  const { provider } = recording;
  provider.reply({ type: 'json', body: {} });
  const url = provider.url.replace('http://', 'http://user:Pa55w0rd@');
  const byFetch = await record(recording, async () => {
    await fetch(provider.url, { method: 'HEAD' }); // Fetch refuses such a URL before it makes a request.
    await fetch(url);
  });
  expect(byFetch.outcome).toMatchObject({ error: { name: 'TypeError' } });
  expect(byFetch.step).toMatchObject({ status: 'error', attemptCount: 1 });
  const byRequest = await record(recording, () => undici.request(url).then(({ body }) => body.text()));
  expect(byRequest.attempt).toMatchObject({ status: 'completed', path: '/' });
  expect(byRequest.attributes['url.full']).toBe(`${provider.url}/`);
  await record(recording, async () => {
    const agent = new undici.Agent();
    const answer = await agent.request({ origin: provider.url, path: `${url}/v1`, method: 'GET' });
    await answer.body.text();
    await agent.close();
  });
  expect(wire()).toContain('chatdebug.attempt');
  expect(wire()).not.toContain('Pa55w0rd');
});

test('an origin given as a URL object', async () => {
  recording.provider.reply({ type: 'json', body: {} });
  const { attributes } = await record(recording, async () => {
    const agent = new undici.Agent();
    const answer = await agent.request({
      origin: new URL(recording.provider.url),
      path: '/v1?a=1',
      method: 'GET',
    });
    await answer.body.text();
    await agent.close();
  });
  expect(attributes['url.full']).toBe(`${recording.provider.url}/v1?a=1`);
});

describe('no connection', () => {
  test('refused', async () => {
    const { url, release } = await startRefusingPort();
    const { outcome, step, attempt } = await record(recording, () => fetch(`${url}/v1`));
    await release();
    expect(outcome).toMatchObject({ error: { message: 'fetch failed', cause: { code: 'ECONNREFUSED' } } });
    expect(attempt).toMatchObject({
      status: 'failed',
      errorType: 'ECONNREFUSED',
      path: '/v1',
      statusCode: undefined,
    });
    expect(step).toMatchObject({ status: 'error', error: { kind: 'timeout' } });
  });

  test('an unknown host', async () => {
    const { outcome, step, attempt } = await record(recording, () => fetch('http://nobody.invalid/v1'));
    expect(outcome).toMatchObject({ error: { message: 'fetch failed' } });
    expect(attempt).toMatchObject({
      status: 'failed',
      errorType: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    });
    expect([step.status, attempt.event.attributes['server.address']]).toEqual(['error', 'nobody.invalid']);
  });

  test('a proxy that refuses the tunnel', async () => {
    const proxy = createServer().on('connect', (_, socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const dispatcher = new undici.ProxyAgent(`http://127.0.0.1:${port}`);
    const { outcome, step, attempt } = await record(recording, () =>
      undici.fetch('http://provider.test/v1', { dispatcher }),
    );
    await dispatcher.destroy();
    await new Promise((resolve) => proxy.close(resolve));
    expect(outcome).toHaveProperty('error');
    expect(step.attempts).toHaveLength(1);
    expect(attempt).toMatchObject({ status: 'failed', path: '/v1', errorType: '502' });
    expect(step).toMatchObject({ status: 'error', error: { kind: 'timeout' } });
  });

  test('a port that fetch forbids: no exchange, and the original error', async () => {
    const bare = await outcomeOf(() => fetch('http://127.0.0.1:1/'));
    const recorded = await outcomeOf(() =>
      withRun({}, () => withStep({}, () => fetch('http://127.0.0.1:1/'))),
    );
    expect(recorded).toEqual(bare);
  });
});

describe('outside runs and steps', () => {
  test.each([
    ["Node's fetch", (url: string) => fetch(url, { method: 'POST', body: 'x' }).then((r) => r.text())],
    [
      'npm request',
      (url: string) => undici.request(url, { method: 'POST', body: 'x' }).then(({ body }) => body.text()),
    ],
  ])('%s is unchanged outside a run and outside a step', async (_, call) => {
    const { provider } = recording;
    provider.reply({ type: 'text', body: 'hello' });
    const before = (await recording.spans()).length;
    expect(await call(provider.url)).toBe('hello');
    const bare = provider.requests.at(-1)?.headers;
    expect(await withRun({}, () => call(provider.url))).toBe('hello');
    expect(provider.requests.at(-1)?.headers).toEqual(bare);
    const runs = (await recording.runs()).slice(-1);
    expect((await recording.spans()).length - before).toBe(1);
    expect(runs[0]?.steps).toEqual([]);
  });
});
