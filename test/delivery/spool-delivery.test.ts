import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SpanDelivery } from '../../src/delivery/span-delivery.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { deliverTo, names, startDelivering, stopAll, writer } from './support/delivering.js';
import { startEndpointFor, type Taken } from './support/protocol-endpoints.js';
import { filesIn, removeAll, temporaryDirectory, until } from './support/spooling.js';

afterEach(async () => {
  await stopAll();
  removeAll();
});

const DOWN = { type: 'json', status: 503, body: {} } as const;

const spoolIn = (directory: string) => ({
  directory,
  maxBytes: 64 * 1024 * 1024,
  maxAgeMillis: 3_600_000,
  scanMillis: 20,
});

/** Asserts that every written or adopted span is accounted for. */
function accountedFor(delivery: SpanDelivery): number {
  const { queued, inFlight, exported, lost, spooled = 0 } = delivery.stats();
  return queued + inFlight + exported + spooled + Object.values(lost).reduce((sum, count) => sum + count, 0);
}

test('spans beyond the memory limit wait on disk during an outage and arrive afterwards, once', async () => {
  const directory = temporaryDirectory();
  const { delivery, receiver, write, arrived } = await startDelivering({
    spool: spoolIn(directory),
    maxQueueSpans: 20,
    batchSpans: 10,
  });
  let failures = 0;
  receiver.respond(() => {
    failures++;
    return DOWN;
  });
  for (const [index, name] of names(300).entries()) {
    write(name);
    expect(accountedFor(delivery)).toBe(index + 1);
  }
  await until(() => failures > 2);
  const { exported, lost, spooled } = delivery.stats();
  expect([exported, lost]).toEqual([0, {}]);
  expect(spooled).toBeGreaterThanOrEqual(280);
  receiver.respond(() => {
    expect(accountedFor(delivery)).toBe(300);
    return undefined;
  });
  await receiver.waitForSpans(300);
  await delivery.forceFlush();
  expect([arrived(), receiver.repeated()]).toEqual([names(300), 0]);
  expect(delivery.stats()).toEqual({
    ...{ queued: 0, inFlight: 0, exported: 300, lost: {} },
    ...{ spooled: 0, recovered: 0 },
  });
  await delivery.shutdown();
  expect(filesIn(directory)).toEqual([]);
});

test('spans that shutdown() cannot deliver stay for the next process and are not lost', async () => {
  const directory = temporaryDirectory();
  const { delivery, receiver, write } = await startDelivering({ spool: spoolIn(directory) });
  write('accepted');
  await receiver.waitForSpans(1);
  await delivery.forceFlush();
  receiver.respond(() => DOWN);
  write(...names(5));
  await delivery.shutdown();
  expect(delivery.stats()).toMatchObject({ queued: 0, exported: 1, spooled: 5 });
  expect(delivery.stats().lost).toEqual({});
  receiver.respond();
  const next = deliverTo(receiver.url, { spool: spoolIn(directory) });
  await receiver.waitForSpans(6);
  expect(receiver.repeated()).toBe(0);
  await next.shutdown();
  expect(next.stats()).toMatchObject({ exported: 5, spooled: 0, recovered: 5 });
  expect(filesIn(directory)).toEqual([]);
});

test('spans that the endpoint refuses are lost, and the next process does not retry them', async () => {
  const directory = temporaryDirectory();
  const { delivery, receiver, write } = await startDelivering({ spool: spoolIn(directory) });
  receiver.respond(({ body }) =>
    body.includes('not valid') ? { type: 'json', status: 400, body: {} } : undefined,
  );
  write('good 1', 'not valid', 'good 2', 'no time');
  await receiver.waitForSpans(2);
  await delivery.forceFlush();
  expect(delivery.stats()).toMatchObject({
    exported: 2,
    lost: { refused: 1, not_serialisable: 1 },
    spooled: 0,
  });
  await delivery.shutdown();
  expect(filesIn(directory)).toEqual([]);
});

test.each<Taken>(['http/json', 'http/protobuf', 'grpc'])(
  'spans of an earlier process arrive over %s',
  async (protocol) => {
    const directory = temporaryDirectory();
    const first = deliverTo('http://127.0.0.1:9', { spool: spoolIn(directory), shutdownTimeoutMillis: 1 });
    names(3).forEach(writer(first));
    await first.shutdown();
    const endpoint = await startEndpointFor(protocol);
    process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] = protocol;
    const next = deliverTo(endpoint.url, { spool: spoolIn(directory) });
    delete process.env['OTEL_EXPORTER_OTLP_PROTOCOL'];
    await until(() => endpoint.names.length === 3);
    expect([...endpoint.names].sort()).toEqual(names(3));
    await next.shutdown();
    await endpoint.close();
  },
);

test('an exporter of the application gets the spans of an earlier process', async () => {
  const directory = temporaryDirectory();
  const first = deliverTo('http://127.0.0.1:9', { spool: spoolIn(directory), shutdownTimeoutMillis: 1 });
  names(3).forEach(writer(first));
  await first.shutdown();
  const exported: string[] = [];
  const exporter = {
    export: (spans: readonly { name: string }[], done: (result: { code: number }) => void) => {
      exported.push(...spans.map(({ name }) => name));
      done({ code: 0 });
    },
    shutdown: async () => {},
  };
  const next = deliverTo('', { exporter, spool: spoolIn(directory) });
  await until(() => exported.length === 3);
  expect(exported).toEqual(names(3));
  await next.shutdown();
});

test('neither the endpoint nor its headers are on disk', async () => {
  const directory = temporaryDirectory();
  const receiver = await startOtlpReceiver();
  receiver.respond(() => DOWN);
  process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'authorization=Bearer topsecret';
  const delivery = deliverTo(receiver.url, { spool: spoolIn(directory) });
  delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
  writer(delivery)('one');
  await until(() => receiver.requests.length > 0);
  expect(receiver.requests[0]?.headers['authorization']).toBe('Bearer topsecret');
  await delivery.shutdown();
  const text = readdirSync(directory).filter((name) => name.endsWith('.spool'));
  const written = text.map((name) => readFileSync(join(directory, name), 'utf8')).join();
  expect(written).toContain('"name":"one"');
  expect(written).not.toMatch(/topsecret|authorization|127\.0\.0\.1/);
  await receiver.close();
});
