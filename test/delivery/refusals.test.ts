import { gunzipSync } from 'node:zlib';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { decodeTraces } from '../support/otlp-json.js';
import type { ReceivedRequest } from '../support/provider.js';
import type { Reply } from '../support/reply.js';
import { names, startDelivering, stopAll } from './support/delivering.js';

afterEach(stopAll);

const refusal = (status: number): Reply => ({ type: 'json', status, body: { message: 'no' } });

const spanNames = ({ body, headers }: ReceivedRequest) =>
  decodeTraces((headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()).map(
    ({ name }) => name,
  );

test('one span that cannot be serialised is lost alone', async () => {
  const { delivery, receiver, write, arrived } = await startDelivering();
  write(...names(100), 'no time', ...names(100, 'later'));
  await delivery.forceFlush();
  expect(arrived()).toEqual([...names(100, 'later'), ...names(100)]);
  expect(delivery.stats()).toMatchObject({ exported: 200, lost: { not_serialisable: 1 } });
  expect(receiver.requests.length).toBeLessThan(20);
});

test.each([0, 37, 511])('a 400 for the span at %i loses that span alone', async (position) => {
  const { delivery, receiver, write, arrived } = await startDelivering();
  receiver.respond((request) => (spanNames(request).includes('bad') ? refusal(400) : undefined));
  const good = names(511);
  write(...good.slice(0, position), 'bad', ...good.slice(position));
  await delivery.forceFlush();
  expect(arrived()).toEqual(good);
  expect(delivery.stats().lost).toEqual({ refused: 1 });
  expect(receiver.requests.length).toBeLessThan(22);
});

test('twenty invalid spans among five hundred are lost alone, by serialisation or by refusal', async () => {
  const { delivery, receiver, write, arrived } = await startDelivering();
  receiver.respond((request) =>
    spanNames(request).some((n) => n.startsWith('bad')) ? refusal(400) : undefined,
  );
  for (let index = 0; index < 10; index++) {
    write(...names(49, `good ${index}`), `bad ${index}`, `no time ${index}`);
  }
  await delivery.forceFlush();
  expect(arrived()).toHaveLength(490);
  expect(delivery.stats().lost).toEqual({ refused: 10, not_serialisable: 10 });
});

test('a batch that is too large is sent in parts, and later batches are smaller', async () => {
  const { delivery, receiver, write, arrived } = await startDelivering();
  receiver.respond(({ body }) => (body.length > 20_000 ? refusal(413) : undefined));
  write(...names(300));
  await delivery.forceFlush();
  const first = receiver.requests.length;
  write(...names(300, 'later'));
  await delivery.forceFlush();
  expect(arrived()).toEqual([...names(300, 'later'), ...names(300)]);
  expect(delivery.stats()).toMatchObject({ exported: 600, lost: {} });
  const refusedLater = receiver.requests.slice(first).filter(({ body }) => body.length > 20_000);
  expect(refusedLater).toHaveLength(0);
});

test('one span that is too large is lost alone', async () => {
  const { delivery, receiver, write, arrived } = await startDelivering();
  receiver.respond(({ body }) => (body.length > 10_000 ? refusal(413) : undefined));
  write('small', 'x'.repeat(20_000), 'another');
  await delivery.forceFlush();
  expect(arrived()).toEqual(['another', 'small']);
  expect(delivery.stats().lost).toEqual({ too_large: 1 });
});

test.each([401, 403, 404, 500])(
  'a %i is not retried, is reported, and later spans are sent',
  async (status) => {
    const { delivery, receiver, write, arrived } = await startDelivering();
    receiver.respond(() => refusal(status));
    write(...names(10));
    await delivery.forceFlush();
    expect(receiver.requests).toHaveLength(1);
    expect(delivery.stats()).toEqual({ queued: 0, inFlight: 0, exported: 0, lost: { refused: 10 } });
    receiver.respond();
    write('later');
    await delivery.forceFlush();
    expect(arrived()).toEqual(['later']);
  },
);

test('an endpoint that answers 400 to everything gets a few requests, then one for each batch', async () => {
  const { delivery, receiver, write } = await startDelivering();
  receiver.respond(() => refusal(400));
  write(...names(512));
  await delivery.forceFlush();
  const first = receiver.requests.length;
  expect(first).toBeLessThan(40);
  write(...names(512));
  await delivery.forceFlush();
  expect(receiver.requests.length - first).toBe(1);
  expect(delivery.stats().lost).toEqual({ refused: 1024 });
});

test('partial success is counted', async () => {
  const { delivery, receiver, write } = await startDelivering();
  receiver.respond(() => ({ type: 'json', body: { partialSuccess: { rejectedSpans: '3' } } }));
  write(...names(10));
  await delivery.forceFlush();
  expect(delivery.stats()).toMatchObject({ exported: 7, lost: { rejected: 3 } });
});

test('a loss is reported once, without the sent data', async () => {
  const said: unknown[] = [];
  const quiet = () => {};
  const logger = { error: quiet, info: quiet, debug: quiet, verbose: quiet };
  diag.setLogger(
    { ...logger, warn: (...words) => said.push(words.join(' ')) },
    { suppressOverrideMessage: true, logLevel: DiagLogLevel.WARN },
  );
  const { delivery, write } = await startDelivering({ maxQueueSpans: 2 });
  write(...names(6, 'secret'));
  await delivery.forceFlush();
  diag.disable();
  expect(said).toEqual([
    'opentelemetry-instrumentation-chatdebug spans were lost: the delivery queue is full 1 so far',
  ]);
  expect(delivery.stats().lost).toEqual({ queue_full: 4 });
});
