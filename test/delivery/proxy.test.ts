import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createSilentServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { grpcProxy } from '../../src/delivery/last-delivery.js';
import { runNode } from '../support/child.js';
import { startProxy, type TestProxy } from '../support/proxy.js';
import { TEST_TLS } from '../support/tls.js';
import { FIVE, holdingFive } from './support/ending.js';
import { type ProtocolEndpoint, startEndpointFor } from './support/protocol-endpoints.js';

let proxy: TestProxy;
let endpoint: ProtocolEndpoint | undefined;
beforeEach(async () => {
  proxy = await startProxy();
});
afterEach(async () => {
  await Promise.all([proxy.close(), endpoint?.close()]);
  endpoint = undefined;
});

/** Delivers five spans during its run and five at its end. */
const PROGRAM = `delivery.forceFlush().then(() => {
  for (let i = 0; i < 5; i++) write('one ' + i);
  process.exit(0);
});`;
const TWICE = [...FIVE, ...FIVE];

const lines = () => proxy.asked.map((line) => line.replace(/ HTTP.*/, ''));

/** Time for a slow machine, and for the thread to start. */
const run = (env: Record<string, string>) => runNode(holdingFive(PROGRAM), { env });

/** From Node 22.21 on. */
const HAS_ENV_PROXY = process.allowedNodeEnvironmentFlags.has('--use-env-proxy');

(HAS_ENV_PROXY ? describe : describe.skip)('NODE_USE_ENV_PROXY', () => {
  test.each(['http/json', 'http/protobuf'] as const)(
    '%s uses the same proxy during the process and at its end',
    async (protocol) => {
      endpoint = await startEndpointFor(protocol);
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        NODE_USE_ENV_PROXY: '1',
        HTTP_PROXY: proxy.url,
      };
      expect(await run(env)).toMatchObject({ code: 0 });
      expect(endpoint.names).toEqual(TWICE);
      expect(lines()).toEqual(Array(2).fill(`POST ${endpoint.url}/v1/traces`));
      expect(await run({ ...env, NO_PROXY: '127.0.0.1' })).toMatchObject({ code: 0 });
      expect([endpoint.names.length, lines().length]).toEqual([20, 2]);
    },
  );

  test('a TLS endpoint gets both deliveries through a tunnel', async () => {
    const certificate = join(mkdtempSync(join(tmpdir(), 'proxy-')), 'ca.pem');
    writeFileSync(certificate, TEST_TLS.cert);
    let requests = 0;
    const server = createServer(TEST_TLS, (request, response) => {
      requests += 1;
      request.resume().on('end', () => response.end('{}'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${port}`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: certificate,
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: proxy.url,
    };
    const { code } = await run(env);
    server.closeAllConnections();
    server.close();
    rmSync(dirname(certificate), { recursive: true });
    expect([code, requests, lines()]).toEqual([0, 2, Array(2).fill(`CONNECT localhost:${port}`)]);
  });

  test('a proxy that never responds does not keep the process alive', async () => {
    const silent = createSilentServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const program = holdingFive("setTimeout(() => console.log('done'), 100);", {
      batchMillis: 1,
      exportTimeoutMillis: 600_000,
      exitTimeoutMillis: 200,
    });
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://localhost:9',
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
    };
    const ended = await runNode(program, { env });
    silent.close();
    expect(ended).toMatchObject({ code: 0, stdout: 'done\n' });
  });
});

test('gRPC uses the proxy of its exporter, also at the end of the process', async () => {
  endpoint = await startEndpointFor('grpc');
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    http_proxy: proxy.url,
  };
  expect(await run(env)).toMatchObject({ code: 0 });
  expect(endpoint.names).toEqual(TWICE);
  expect(lines()).toEqual(Array(2).fill(`CONNECT ${new URL(endpoint.url).host}`));
});

test.each([
  [{}, undefined],
  [{ http_proxy: 'http://p:1' }, 'http://p:1'],
  [{ http_proxy: 'http://p:1', https_proxy: 'http://q:2' }, 'http://q:2'],
  [{ https_proxy: 'http://q:2', grpc_proxy: 'http://r:3' }, 'http://r:3'],
  [{ HTTP_PROXY: 'http://p:1' }, undefined],
  [{ http_proxy: 'https://p:1' }, undefined],
  [{ http_proxy: 'nowhere' }, undefined],
  [{ http_proxy: 'http://p:1', no_proxy: 'other,10.0.0.0/8' }, undefined],
  [{ http_proxy: 'http://p:1', no_proxy: '10.1.0.0/16' }, 'http://p:1'],
  [{ http_proxy: 'http://p:1', no_proxy: '2.3.4' }, undefined],
  [{ http_proxy: 'http://p:1', no_proxy: '10.2.3.4', no_grpc_proxy: 'other' }, 'http://p:1'],
])('the proxy for gRPC, of %j', (env, proxy) => {
  expect(grpcProxy('http://10.2.3.4:4317', env)).toBe(proxy);
});
