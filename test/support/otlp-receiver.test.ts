import { gzipSync } from 'node:zlib';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.js';

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(() => receiver.close());

const span = (name: string, id = 'b') => ({
  traceId: 'a'.repeat(32),
  spanId: id.repeat(16),
  name,
  startTimeUnixNano: '1764000000000000001',
  endTimeUnixNano: '1764000000000000002',
});
const traces = (...spans: object[]) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${receiver.url}/v1/traces`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });

test('every kind of value is decoded, gzipped or not', async () => {
  const attributes = [
    { key: 'text', value: { stringValue: '' } },
    { key: 'whole', value: { intValue: '7' } },
    { key: 'real', value: { doubleValue: 0.5 } },
    { key: 'flag', value: { boolValue: false } },
    { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, {}] } } },
    { key: 'map', value: { kvlistValue: { values: [{ key: 'k', value: { intValue: 1 } }] } } },
  ];
  const full = {
    ...span('full'),
    parentSpanId: 'c'.repeat(16),
    kind: 3,
    attributes,
    events: [{ name: 'event', timeUnixNano: '1764000000000000001', attributes: attributes.slice(0, 1) }],
    links: [{ traceId: 'd'.repeat(32), spanId: 'e'.repeat(16) }],
    status: { code: 2, message: 'Oh' },
  };
  const body = JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'chat' } }] },
        scopeSpans: [{ scope: { name: 'scope', version: '1' }, spans: [full] }],
      },
    ],
  });
  await send(Uint8Array.from(gzipSync(body)), { 'content-encoding': 'gzip' });
  const [received] = await receiver.waitForSpans(1);
  expect(received).toEqual({
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    parentSpanId: 'c'.repeat(16),
    name: 'full',
    kind: 3,
    startTimeUnixNano: 1764000000000000001n,
    endTimeUnixNano: 1764000000000000002n,
    attributes: { text: '', whole: 7, real: 0.5, flag: false, list: ['a', null], map: { k: 1 } },
    droppedAttributesCount: 0,
    events: [{ name: 'event', timeUnixNano: 1764000000000000001n, attributes: { text: '' } }],
    droppedEventsCount: 0,
    links: [{ traceId: 'd'.repeat(32), spanId: 'e'.repeat(16), attributes: {} }],
    status: { code: 2, message: 'Oh' },
    resource: { 'service.name': 'chat' },
    scope: { name: 'scope', version: '1' },
  });
  expect(String(receiver.bodies[0])).toBe(body);
});

test('refused spans are not stored, later ones are', async () => {
  receiver.respond(() => ({ type: 'json', status: 503, body: {} }));
  expect((await send(traces(span('refused')))).status).toBe(503);
  receiver.respond(async () => ({ type: 'json', body: {}, delayMillis: 5 }));
  const waiting = receiver.waitForSpans((spans) => spans.some(({ name }) => name === 'second'));
  await send(traces(span('first')));
  await send(traces(span('second', 'c')));
  expect((await waiting).map(({ name }) => name)).toEqual(['first', 'second']);
  expect(receiver.bodies).toHaveLength(3);
});

test('a duplicate span is stored once', async () => {
  await send(traces(span('first'), span('other', 'c')));
  await send(traces(span('first')));
  expect(receiver.spans.map(({ name }) => name)).toEqual(['first', 'other']);
  expect(receiver.repeated()).toBe(1);
});

test('a body that is not OTLP is refused', async () => {
  const statuses = [
    send('{'),
    send(traces({ name: 'timeless' })),
    send('', { 'content-type': 'x/protobuf' }),
  ];
  expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([400, 400, 415]);
  expect((await fetch(`${receiver.url}/v1/traces`)).status).toBe(404);
});

test('a timeout reports what arrived', async () => {
  await send(traces(span('only')));
  await expect(receiver.waitForSpans(2, 20)).rejects.toThrow('20 ms; these did: only');
});
