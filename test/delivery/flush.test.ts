import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { RETRY_PACE, RetrySchedule } from '../../src/delivery/sender.js';
import { names, startDelivering, stopAll, writer } from './support/delivering.js';

afterEach(stopAll);

test('forceFlush sends at once and waits for requests in flight', async () => {
  const { delivery, receiver, write, arrived } = await startDelivering({
    batchMillis: 60_000,
    batchSpans: 2,
  });
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    receiver.respond(async () => {
      resolve();
      await new Promise<void>((answered) => {
        answer = answered;
      });
      receiver.respond();
      return undefined;
    });
  });
  write('one', 'two');
  await asked;
  expect(delivery.stats()).toMatchObject({ queued: 0, inFlight: 2 });
  let flushed = false;
  write('three');
  const flush = delivery.forceFlush().then(() => {
    flushed = true;
  });
  await setImmediate();
  expect(flushed).toBe(false);
  answer();
  await flush;
  expect(arrived()).toEqual(['one', 'three', 'two']);
});

test('forceFlush does not wait for later spans', async () => {
  const { delivery, receiver, write } = await startDelivering({ batchSpans: 10 });
  receiver.respond(() => {
    write(...names(10)); // Enough to keep it busy forever.
    return undefined;
  });
  write('one');
  await delivery.forceFlush();
  expect(receiver.spans[0]?.name).toBe('one');
  receiver.respond();
});

test('forceFlush retries failed spans at once', async () => {
  let failed = () => {};
  const failure = new Promise<void>((resolve) => {
    failed = resolve;
  });
  const retries = new RetrySchedule({ ...RETRY_PACE, firstMillis: 60_000, longestMillis: 60_000 }, () => {
    failed();
    return 0.9;
  });
  const { delivery, receiver, write, arrived } = await startDelivering({ retries });
  receiver.respond(() => ({ type: 'json', status: 503, body: {} }));
  write('zero');
  await failure;
  receiver.respond();
  write('one');
  await delivery.forceFlush();
  expect(arrived()).toEqual(['one', 'zero']);
});

test.each([
  ['hangs', { type: 'hang', when: 'before-headers' }],
  [
    'hangs during its response',
    { type: 'sse', events: Array(100).fill(': drip\n\n'), delayMillis: 50, status: 503 },
  ],
  ['is down', { type: 'json', status: 503, body: {} }],
] as const)('flush and shutdown honour their timeouts if the endpoint %s', async (_what, reply) => {
  const { delivery, receiver, write } = await startDelivering({ shutdownTimeoutMillis: 150 });
  receiver.respond(() => ({ ...reply }));
  write(...names(10));
  const start = performance.now();
  await delivery.forceFlush({ timeoutMillis: 100 });
  const flushed = performance.now();
  expect(flushed - start).toBeGreaterThan(99);
  expect(flushed - start).toBeLessThan(8_000);
  expect(delivery.stats().queued + delivery.stats().inFlight).toBe(10);
  await delivery.shutdown();
  expect(performance.now() - flushed).toBeLessThan(8_000);
  expect(delivery.stats()).toEqual({ queued: 0, inFlight: 0, exported: 0, lost: { shutdown_timeout: 10 } });
});

test('shutdown makes one more request although the endpoint asked for a delay', async () => {
  const { delivery, receiver, write, arrived } = await startDelivering({ shutdownTimeoutMillis: 30_000 });
  const refused = new Promise<void>((resolve) => {
    receiver.respond(() => {
      receiver.respond();
      resolve();
      return { type: 'json', status: 429, headers: { 'retry-after': '30' }, body: {} };
    });
  });
  write('one');
  await refused;
  await delivery.forceFlush({ timeoutMillis: 50 });
  expect(arrived()).toEqual([]);
  await delivery.shutdown();
  expect(arrived()).toEqual(['one']);
});

test('spans are sent once by repeated shutdowns and flushes', async () => {
  const { delivery, write, arrived } = await startDelivering({
    batchMillis: 60_000,
    shutdownTimeoutMillis: 30_000,
  });
  write('one');
  await Promise.all([delivery.shutdown(), delivery.shutdown(), delivery.forceFlush()]);
  await delivery.forceFlush();
  expect(arrived()).toEqual(['one']);
});

test('nothing runs in the application’s async context', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen = new Set<string | undefined>();
  const exporter = {
    export: (_spans: unknown, done: (result: { code: number }) => void) => {
      seen.add(storage.getStore());
      done({ code: 0 });
    },
    forceFlush: async () => void seen.add(storage.getStore()),
    shutdown: async () => void seen.add(storage.getStore()),
  };
  const { delivery } = await startDelivering({ exporter });
  const write = writer(delivery);
  await storage.run('a turn', async () => {
    write('one');
    await delivery.forceFlush();
    write('two');
    await delivery.shutdown();
  });
  expect([...seen]).toEqual([undefined]);
});
