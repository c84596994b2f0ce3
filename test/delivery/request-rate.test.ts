import { once } from 'node:events';
import { createServer } from 'node:tls';
import { RETRY_PACE, RetrySchedule } from '../../src/delivery/sender.js';
import { runNode } from '../support/child.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import type { Reply } from '../support/reply.js';
import { TEST_TLS } from '../support/tls.js';
import { deliverTo, names, QUICK, startDelivering, stopAll, writer } from './support/delivering.js';

afterEach(stopAll);

const FAILURES = 6;

/** Counts the faults that delay the next request, and passes the number to each. */
function counted(onFailure: (failures: number) => void = () => {}) {
  let failures = 0;
  let enough = () => {};
  const failedEnough = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const retries = new RetrySchedule({ ...QUICK, longestAskedMillis: 20 }, () => {
    failures += 1;
    onFailure(failures);
    if (failures === FAILURES) enough();
    return 0.5;
  });
  return { retries, failedEnough };
}

const refused = (status: number, headers = {}): Reply => ({ type: 'json', status, headers, body: {} });
const unavailable = (retryAfter: string) => refused(503, { 'retry-after': retryAfter });

test.each<[string, Reply]>([
  ['503 and Retry-After: 0', unavailable('0')],
  ['503 and Retry-After: 1', unavailable('1')],
  ['503 and a Retry-After in the past', unavailable('Mon, 02 Nov 2020 10:00:00 GMT')],
  ['503 and an invalid Retry-After', unavailable('soon; -1')],
  ['503 and a negative Retry-After', unavailable('-1')],
  ['429 and Retry-After: 0', refused(429, { 'retry-after': '0' })],
  ['503, and closes the connection', refused(503, { connection: 'close', 'retry-after': '0' })],
  ['drips', { type: 'sse', events: Array(100).fill(': drip\n\n'), delayMillis: 10, status: 503 }],
  ['cuts the connection', { type: 'cut', when: 'before-headers' }],
])('an endpoint that answers with %s gets one request for each delay', async (_what, reply) => {
  const { retries, failedEnough } = counted();
  const { delivery, receiver, write } = await startDelivering({ retries, exportTimeoutMillis: 500 });
  receiver.respond(() => (receiver.requests.length <= FAILURES ? reply : undefined));
  write(...names(5));
  await failedEnough;
  expect(receiver.requests).toHaveLength(FAILURES);
  await receiver.waitForSpans(5);
  await delivery.forceFlush();
  expect(receiver.requests).toHaveLength(FAILURES + 1);
});

test.each<[string, Reply]>([
  ['401', refused(401)],
  ['404', refused(404)],
  ['415', refused(415)],
  ['a redirect', refused(302, { location: '/v1/traces' })],
  ['500', refused(500)],
])('an endpoint that refuses each batch with %s gets one request for each delay', async (_what, reply) => {
  const { retries, failedEnough } = counted((failures) => write(...names(5, `batch ${failures}`)));
  const { delivery, receiver, write } = await startDelivering({ retries, batchSpans: 5 });
  receiver.respond(() => reply);
  write(...names(5));
  await failedEnough;
  expect(receiver.requests).toHaveLength(FAILURES);
  expect(delivery.stats().lost).toEqual({ refused: FAILURES * 5 });
});

test('an endpoint with an untrusted certificate gets one connection for each delay', async () => {
  let connections = 0;
  const server = createServer(TEST_TLS)
    .on('connection', () => {
      connections += 1;
    })
    .on('tlsClientError', () => {})
    .on('secureConnection', (socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const { retries, failedEnough } = counted();
  const delivery = deliverTo(`https://127.0.0.1:${port}`, { retries });
  writer(delivery)('one');
  await failedEnough;
  expect(connections).toBe(FAILURES);
  await delivery.shutdown();
  server.close();
});

test('nothing is printed at a Retry-After of 0', async () => {
  const receiver = await startOtlpReceiver();
  receiver.respond(() => (receiver.requests.length < 3 ? unavailable('0') : undefined));
  const source = `
    const { SpanDelivery } = require('../dist/delivery.js');
    const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
    const delivery = new SpanDelivery();
    new NodeTracerProvider({ spanProcessors: [delivery] }).getTracer('test').startSpan('one').end();
    delivery.forceFlush();`;
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  expect(await runNode({ source, type: 'commonjs' }, { env })).toMatchObject({ code: 0, stderr: '' });
  expect(receiver.requests).toHaveLength(3);
  await receiver.close();
});

test('rapid flushes keep the minimum time between two requests', async () => {
  let fail = () => {};
  const failed = new Promise<void>((resolve) => {
    fail = resolve;
  });
  const retries = new RetrySchedule({ ...RETRY_PACE, leastMillis: 60_000, longestMillis: 60_000 }, () => {
    fail();
    return 0.5;
  });
  const { delivery, receiver, write } = await startDelivering({ retries });
  receiver.respond(() => refused(503));
  write('one');
  await failed;
  for (let flushes = 0; flushes < 20; flushes += 1) await delivery.forceFlush({ timeoutMillis: 10 });
  expect(receiver.requests).toHaveLength(1);
});
