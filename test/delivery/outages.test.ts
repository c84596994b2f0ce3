import { createServer, type Server, connect as tcpConnect } from 'node:net';
import { RetrySchedule } from '../../src/delivery/sender.js';
import { startRefusingPort } from '../support/loopback.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import type { Reply } from '../support/reply.js';
import { deliverTo, names, QUICK, startDelivering, stopAll, writer } from './support/delivering.js';

afterEach(stopAll);

const DRIP: Reply = { type: 'sse', events: Array(1_000).fill(': drip\n\n'), delayMillis: 10 };

test.each<[string, Reply]>([
  ['answers 503', { type: 'json', status: 503, body: {} }],
  ['answers 429', { type: 'json', status: 429, body: {} }],
  ['answers 502 with a page', { type: 'text', status: 502, body: '<html>' }],
  ['cuts the connection', { type: 'cut', when: 'before-headers' }],
  ['hangs', { type: 'hang', when: 'before-headers' }],
  ['drips a 503', { ...DRIP, status: 503 }],
])('an endpoint that %s for a while: everything arrives', async (_what, reply) => {
  const { delivery, receiver, write, arrived } = await startDelivering({ exportTimeoutMillis: 500 });
  let outage = 5;
  const all = names(200);
  receiver.respond(() => {
    // Spans end while the endpoint is down.
    write(...all.splice(0, 20));
    return outage-- > 0 ? reply : undefined;
  });
  write(...all.splice(0, 20));
  await receiver.waitForSpans(200);
  await delivery.forceFlush();
  expect(arrived()).toEqual(names(200));
  expect(delivery.stats()).toEqual({ queued: 0, inFlight: 0, exported: 200, lost: {} });
});

test('each failure is one request: the exporter does not retry by itself', async () => {
  let failures = 0;
  const retries = new RetrySchedule(QUICK, () => {
    failures++;
    return 0.1;
  });
  const { delivery, receiver, write } = await startDelivering({ retries });
  receiver.respond(() => (failures < 5 ? { type: 'json', status: 503, body: {} } : undefined));
  write('one');
  await receiver.waitForSpans(1);
  await delivery.forceFlush();
  expect([failures, receiver.requests.length]).toEqual([5, 6]);
});

test('an accepted request with a slow response is accepted once', async () => {
  // Enough for the head of the response on a busy machine, and shorter than the response.
  const { delivery, receiver, write, arrived } = await startDelivering({ exportTimeoutMillis: 1_000 });
  receiver.respond(() => DRIP);
  write('one');
  await delivery.forceFlush({ timeoutMillis: 30_000 });
  receiver.respond();
  write('two');
  await delivery.forceFlush();
  expect([arrived(), receiver.repeated()]).toEqual([['one', 'two'], 0]);
  expect(delivery.stats().exported).toBe(2);
});

test.each([
  ['as it is', undefined],
  ['for a host that the user names', 'Host=collector.internal'],
])('a response slower than the exporter’s timeout is awaited, %s', async (_, headers) => {
  if (headers !== undefined) process.env['OTEL_EXPORTER_OTLP_HEADERS'] = headers;
  const { delivery, receiver, write, arrived } = await startDelivering();
  delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
  receiver.respond(() => ({ type: 'json', body: {}, delayMillis: 1_000 }));
  write('one');
  await delivery.forceFlush();
  expect(receiver.requests).toHaveLength(1);
  expect(receiver.requests[0]?.headers['host']).toBe(
    headers?.replace('Host=', '') ?? new URL(receiver.url).host,
  );
  expect(arrived()).toEqual(['one']);
});

test('two deliveries to one endpoint each honour their own response', async () => {
  const { delivery, receiver, write, arrived } = await startDelivering();
  const other = deliverTo(receiver.url, {});
  let tries = 0;
  receiver.respond(({ body }) => {
    tries += 1;
    const refused = body.includes('refused') && tries < 3;
    return refused ? { type: 'json', status: 503, headers: { 'retry-after': '0' }, body: {} } : undefined;
  });
  write('refused');
  writer(other)('accepted');
  await Promise.all([delivery.forceFlush(), other.forceFlush()]);
  expect(arrived()).toEqual(['accepted', 'refused']);
  expect([delivery.stats().exported, other.stats().exported]).toEqual([1, 1]);
});

test.each([429, 503])('Retry-After is honoured with a %i, also by a flush', async (status) => {
  const { delivery, receiver, write, arrived } = await startDelivering();
  const at: number[] = [];
  const refused = new Promise<void>((resolve) => {
    receiver.respond(() => {
      at.push(performance.now());
      if (at.length > 1) return undefined;
      resolve();
      return { type: 'json', status, headers: { 'retry-after': '1' }, body: {} };
    });
  });
  write('one');
  await refused;
  await delivery.forceFlush();
  expect(arrived()).toEqual(['one']);
  expect(at).toHaveLength(2);
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(999);
});

test('a refused connection, until a server listens', async () => {
  const receiver = await startOtlpReceiver();
  const refusing = await startRefusingPort();
  let relay: Server | undefined;
  let failures = 0;
  const retries = new RetrySchedule(QUICK, () => {
    if (++failures === 5) {
      void refusing.release();
      relay = relayFrom(refusing.port, receiver.url);
    }
    return 0.5;
  });
  const delivery = deliverTo(refusing.url, { retries });
  const write = writer(delivery);
  for (const name of names(50)) write(name);
  await receiver.waitForSpans(50);
  await delivery.forceFlush();
  expect(delivery.stats()).toMatchObject({ exported: 50, lost: {} });
  expect(failures).toBeGreaterThanOrEqual(5);
  await delivery.shutdown();
  relay?.close();
  await receiver.close();
});

function relayFrom(port: number, url: string): Server {
  const target = Number(new URL(url).port);
  return createServer((socket) => {
    const onward = tcpConnect(target, '127.0.0.1');
    socket
      .on('error', () => {})
      .pipe(onward.on('error', () => {}))
      .pipe(socket);
  }).listen(port, '127.0.0.1');
}
