import { names, startDelivering, stopAll } from './support/delivering.js';

afterEach(stopAll);

test('a burst of 5,000 spans', async () => {
  const { delivery, receiver, write, arrived } = await startDelivering();
  write(...names(5_000));
  await receiver.waitForSpans(5_000);
  await delivery.forceFlush();
  expect(arrived()).toEqual(names(5_000));
  expect(delivery.stats()).toEqual({ queued: 0, inFlight: 0, exported: 5_000, lost: {} });
});

test('the queue is bounded while the endpoint is down, and its newest spans arrive', async () => {
  const { delivery, receiver, write, arrived } = await startDelivering({
    maxQueueSpans: 100,
    batchSpans: 10,
  });
  receiver.respond(() => ({ type: 'json', status: 503, body: {} }));
  write(...names(1_000));
  await delivery.forceFlush({ timeoutMillis: 20 });
  const { queued, inFlight, lost } = delivery.stats();
  expect([queued + inFlight, lost]).toEqual([100, { queue_full: 900 }]);
  receiver.respond();
  await delivery.forceFlush();
  expect(arrived()).toEqual(names(1_000).slice(900));
  expect(delivery.stats()).toMatchObject({ exported: 100, lost: { queue_full: 900 } });
});

test('the queue is bounded in bytes, and a span larger than the bound is dropped', async () => {
  const { delivery, write, arrived } = await startDelivering({ maxQueueBytes: 30_000 });
  const large = (letter: string) => letter.repeat(10_000);
  write('small', large('a'), large('b'), large('c'), 'x'.repeat(40_000));
  await delivery.forceFlush();
  expect(arrived()).toEqual([large('b'), large('c')]);
  expect(delivery.stats().lost).toEqual({ queue_full: 2, too_large: 1 });
});

test('a span that ends after shutdown is counted', async () => {
  const { delivery, write, arrived } = await startDelivering({ shutdownTimeoutMillis: 30_000 });
  write('before');
  await delivery.shutdown();
  write('after');
  expect(arrived()).toEqual(['before']);
  expect(delivery.stats()).toEqual({ queued: 0, inFlight: 0, exported: 1, lost: { after_shutdown: 1 } });
});

test('its statistics are a frozen copy', async () => {
  const { delivery, write } = await startDelivering({ batchMillis: 60_000 });
  const before = delivery.stats();
  write('one');
  expect(before.queued).toBe(0);
  expect(delivery.stats().queued).toBe(1);
  expect(Object.isFrozen(before) && Object.isFrozen(before.lost)).toBe(true);
});
