import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { readOtlpEndpoint, USER_AGENT } from '../../src/delivery/otlp-endpoint.js';
import { OtlpTransport } from '../../src/delivery/otlp-transport.js';
import { SpanDelivery } from '../../src/delivery/span-delivery.js';
import fc from '../support/property.js';
import { startProvider } from '../support/provider.js';
import { endedSpan } from './support/delivering.js';

const DEFAULT_URL = 'http://localhost:4318/v1/traces';

test.each([
  [{}, DEFAULT_URL],
  [{ ENDPOINT: 'http://collector:4318' }, 'http://collector:4318/v1/traces'],
  [{ ENDPOINT: 'https://collector/base/' }, 'https://collector/base/v1/traces'],
  [{ ENDPOINT: 'http://collector:4318', TRACES_ENDPOINT: 'http://other/at/this' }, 'http://other/at/this'],
  [{ TRACES_ENDPOINT: 'http://other' }, 'http://other/'],
  [{ TRACES_ENDPOINT: 'nowhere', ENDPOINT: 'http://collector' }, 'http://collector/v1/traces'],
  [{ ENDPOINT: 'nowhere' }, DEFAULT_URL],
  [{ ENDPOINT: ' ' }, DEFAULT_URL],
])('the URL of %j is %s', (variables, url) => {
  expect(readOtlpEndpoint(environment(variables)).url).toBe(url);
});

test('headers, compression and timeout: the variables for traces take precedence', () => {
  const read = readOtlpEndpoint(
    environment({
      HEADERS: 'a=1,b=2%203',
      TRACES_HEADERS: 'a=4',
      COMPRESSION: 'none',
      TRACES_COMPRESSION: 'gzip',
      TIMEOUT: '5000',
      TRACES_TIMEOUT: 'soon',
    }),
  );
  expect(read).toMatchObject({ headers: { a: '4', b: '2 3' }, gzip: true, timeoutMillis: 5_000 });
});

test('headers are parsed as OpenTelemetry parses them', () => {
  const text = fc.array(fc.constantFrom('a', '=', ';', ',', ' ', '%20', '%', 'ü'), { maxLength: 12 });
  fc.assert(
    fc.property(text, (parts) => {
      const HEADERS = parts.join('');
      expect(readOtlpEndpoint(environment({ HEADERS })).headers).toEqual(parseKeyPairsIntoRecord(HEADERS));
    }),
  );
});

function environment(variables: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const named = Object.entries(variables).map(([name, value]) => [`OTEL_EXPORTER_OTLP_${name}`, value]);
  return Object.fromEntries(named);
}

/** Sends one span each by the exporter and by the thread to the same endpoint. */
async function sendBoth(variables: Record<string, string>): Promise<void> {
  const env = environment(variables);
  Object.assign(process.env, env);
  const delivery = new SpanDelivery();
  const endpoint = readOtlpEndpoint(process.env);
  for (const name of Object.keys(env)) delete process.env[name];
  delivery.onEnd(endedSpan('one'));
  await delivery.forceFlush();
  expect(delivery.stats().exported).toBe(1);
  await delivery.shutdown();
  const transport = new OtlpTransport(endpoint);
  // The server is in this process, which is blocked until the time limit. The request waits in its socket.
  transport.sendBlocking([[endedSpan('two')]], 500);
  await requestHandled();
  transport.endBlocking();
}

let requestHandled: () => Promise<void> = async () => {};

test.each(['none', 'gzip'])(
  'thread and exporter send the same request (compression %s)',
  async (compression) => {
    const provider = await startProvider();
    provider.reply({ type: 'json', body: {} });
    requestHandled = () => provider.arrived(1);
    await sendBoth({ ENDPOINT: provider.url, HEADERS: 'api-key=k,x=a%20b', COMPRESSION: compression });
    const [one, two] = provider.requests.map(({ method, path, headers }) => ({
      method,
      path,
      type: headers['content-type'],
      key: headers['api-key'],
      x: headers['x'],
      sender: headers['user-agent']?.split(' ')[0],
      encoding: headers['content-encoding'],
    }));
    expect(two).toEqual(one);
    expect(one).toMatchObject({ method: 'POST', path: '/v1/traces', key: 'k', x: 'a b', sender: USER_AGENT });
    await provider.close();
  },
);

test('https with a private certificate authority (needs openssl on the PATH)', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'delivery-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject,
  ]);
  let requests = 0;
  let handled = () => {};
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json').end('{}');
      if (++requests === 2) handled();
    });
  });
  requestHandled = () =>
    new Promise((resolve) => {
      handled = resolve;
    });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  await sendBoth({ ENDPOINT: `https://localhost:${port}`, CERTIFICATE: cert });
  expect(requests).toBe(2);
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});
