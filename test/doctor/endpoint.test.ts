import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../src/doctor/check.js';
import { checkEndpoint } from '../../src/doctor/endpoint.js';
import { findingOf, type Probe } from '../../src/doctor/endpoint-findings.js';
import { startRefusingPort } from '../support/loopback.js';
import { type Reply, type ScriptedProvider, startProvider } from '../support/provider.js';
import { TEST_TLS } from '../support/tls.js';

const SECRETS = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20topsecret,x-tenant=topsecret' };

function check(env: Readonly<Record<string, string>>, timeoutMillis = 20_000): Promise<Finding> {
  return Promise.resolve(checkEndpoint({ folder: '/', env, timeoutMillis }));
}

const text = ({ message, advice }: Finding): string => [message, ...advice].join('\n');

describe('by its response', () => {
  let provider: ScriptedProvider;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.close());

  const ANSWERS: [what: string, Reply, Finding['state'], RegExp][] = [
    [
      '200',
      { type: 'json', body: { partialSuccess: {} } },
      'ok',
      /^http:\S+\/v1\/traces: accepts exports \(HTTP 200\)$/,
    ],
    [
      'a web page',
      { type: 'text', body: '<html>', headers: { 'content-type': 'text/html' } },
      'fail',
      /web interface/,
    ],
    [
      '301',
      { type: 'json', status: 301, body: {}, headers: { location: '/' } },
      'fail',
      /does not follow redirects/,
    ],
    [
      '401',
      { type: 'json', status: 401, body: {} },
      'fail',
      /authentication failed \(HTTP 401\)\nHeaders sent: authorization, x-tenant\. Set credentials: OTEL_EXPORTER_OTLP_HEADERS=/,
    ],
    ['403', { type: 'json', status: 403, body: {} }, 'fail', /authentication failed \(HTTP 403\)/],
    [
      '404',
      { type: 'json', status: 404, body: {} },
      'fail',
      /\/v1\/traces is appended to OTEL_EXPORTER_OTLP_ENDPOINT/,
    ],
    ['405', { type: 'json', status: 405, body: {} }, 'fail', /POST is not allowed/],
    [
      '415',
      { type: 'json', status: 415, body: {} },
      'fail',
      /JSON is not supported.*\nSet OTEL_EXPORTER_OTLP_PROTOCOL=http\/protobuf$/,
    ],
    ['400', { type: 'json', status: 400, body: {} }, 'fail', /protobuf only/],
    ['503', { type: 'json', status: 503, body: {} }, 'warn', /queued and retried/],
    ['500', { type: 'json', status: 500, body: {} }, 'fail', /log of the receiver/],
  ];

  test.each(ANSWERS)('%s', async (_, reply, state, words) => {
    provider.reply(reply);
    const finding = await check({ OTEL_EXPORTER_OTLP_ENDPOINT: provider.url, ...SECRETS });
    expect([finding.state, text(finding)]).toEqual([state, expect.stringMatching(words)]);
    expect(text(finding)).not.toContain('topsecret');
  });

  test('404 of the endpoint for traces, which is used unchanged', async () => {
    provider.reply({ type: 'json', status: 404, body: {} });
    const finding = await check({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: provider.url });
    expect(text(finding)).toMatch(/used unchanged: set it to the whole URL/);
  });

  test.each(['none', 'gzip'])('sends an export without spans (compression %s)', async (compression) => {
    provider.reply({ type: 'json', body: {} });
    const url = provider.url.replace('//', '//user:topsecret@');
    const before = provider.requests.length;
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
      ...SECRETS,
    };
    expect(text(await check(env))).not.toContain('topsecret');
    const [request, ...more] = provider.requests.slice(before);
    expect([request?.method, request?.path, more]).toEqual(['POST', '/v1/traces', []]);
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer topsecret',
      'content-type': 'application/json',
    });
    if (compression === 'none') expect(String(request?.body)).toBe('{"resourceSpans":[]}');
    else expect(request?.headers['content-encoding']).toBe('gzip');
  });

  test('https, without TLS', async () => {
    const finding = await check({ OTEL_EXPORTER_OTLP_ENDPOINT: provider.url.replace('http:', 'https:') });
    expect(text(finding)).toMatch(/does not use TLS.*\nSet OTEL_EXPORTER_OTLP_ENDPOINT to an http:/);
  });
});

describe('by its failure', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function listening(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  test('nothing listens', async () => {
    const { port, release } = await startRefusingPort();
    const finding = await check({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${port}` });
    await release();
    expect(text(finding)).toMatch(
      /connection refused \(ECONNREFUSED\)\nStart the receiver on port \d+, or set OTEL_EXPORTER_OTLP_ENDPOINT .*In a container/,
    );
  });

  test('it speaks gRPC', async () => {
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    const port = await listening(createServer((socket) => socket.on('error', () => {}).write(settings)));
    const finding = await check({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    expect(text(finding)).toMatch(/no HTTP\/1\.1 response.*\nIf this is a gRPC port.*4318/);
  });

  test('it never responds', async () => {
    const port = await listening(createServer((socket) => socket.on('error', () => {}).unref()));
    const finding = await check({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }, 50);
    expect(text(finding)).toMatch(/no response within 50 ms\n.*--timeout/);
  });

  test('its name is unknown', async () => {
    const finding = await check({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.invalid:4318' });
    expect(text(finding)).toMatch(/host collector\.invalid not found/);
  });

  test('its certificate is trusted only with its authority', async () => {
    const server = createHttpsServer(TEST_TLS, (_, response) =>
      response.setHeader('content-type', 'application/json').end('{}'),
    );
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${await listening(server)}` };
    expect(text(await check(endpoint))).toMatch(
      /certificate verification failed.*\nSet OTEL_EXPORTER_OTLP_CERTIFICATE/,
    );
    const directory = mkdtempSync(join(tmpdir(), 'doctor-'));
    const authority = join(directory, 'authority.pem');
    writeFileSync(authority, TEST_TLS.cert);
    expect(await check({ ...endpoint, OTEL_EXPORTER_OTLP_CERTIFICATE: authority })).toMatchObject({
      state: 'ok',
    });
    rmSync(directory, { recursive: true });
    expect(await check({ ...endpoint, OTEL_EXPORTER_OTLP_CERTIFICATE: authority })).toMatchObject({
      state: 'fail',
      message: `Invalid OTEL_EXPORTER_OTLP_CERTIFICATE "${authority}": expected a readable PEM file`,
    });
    server.closeAllConnections();
  });
});

describe('no request is sent', () => {
  test.each(['authorization: Bearer topsecret', 'a=1,topsecret', '=topsecret'])(
    'with the headers %s',
    async (headers) => {
      const finding = await check({ OTEL_EXPORTER_OTLP_HEADERS: headers });
      expect([finding.state, finding.message]).toEqual([
        'fail',
        'Invalid OTEL_EXPORTER_OTLP_HEADERS "[REDACTED]": expected name=value,name=value',
      ]);
      expect(text(finding)).not.toContain('topsecret');
    },
  );

  test.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }, 'fail', 'not checked: the endpoint is invalid'],
    [{ CHATDEBUG_PIPELINE: 'app' }, 'ok', 'not checked: with CHATDEBUG_PIPELINE=app the application exports'],
  ])('with %j', async (env, state, message) => {
    expect(await check(env)).toMatchObject({ state, message });
  });
});

/** Failures that cannot be produced on loopback. */
test.each<[Probe, port: string, RegExp]>([
  [{ kind: 'error', code: 'HPE_INVALID_CONSTANT' }, '4317', /port 4317 is for gRPC.*\n.*4318/],
  [{ kind: 'error', code: 'ECONNREFUSED' }, '4317', /port 4317 is for gRPC/],
  [{ kind: 'timeout' }, '4317', /port 4317 is for gRPC, but the protocol is OTLP\/HTTP\n/],
  [{ kind: 'error', code: 'ENOTFOUND' }, '4317', /host collector not found/],
  [{ kind: 'error', code: 'EHOSTUNREACH' }, '4318', /host unreachable/],
  [{ kind: 'error', code: 'CERT_HAS_EXPIRED' }, '4318', /certificate verification failed/],
  [{ kind: 'error', code: 'ERR_INVALID_CHAR' }, '4318', /invalid header/],
  [{ kind: 'error', code: 'gRPC 16' }, '4317', /authentication failed/],
  [{ kind: 'error', code: 'gRPC 12' }, '4317', /gRPC is not supported/],
  [{ kind: 'error', code: 'EODD' }, '4318', /connection failed \(EODD\)/],
])('%j at port %s', (probe, port, words) => {
  const asked = { url: `http://collector:${port}`, host: 'collector', isSecure: false, headers: [] };
  const sent = { isOwn: false, protocol: 'http/json' } as const;
  const finding = findingOf(probe, { ...asked, ...sent, port, variable: undefined, timeoutMillis: 5_000 });
  expect([finding.state, text(finding)]).toEqual(['fail', expect.stringMatching(words)]);
});
