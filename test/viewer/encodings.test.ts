import { type Attributes, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { readJson } from '../../src/viewer/otlp-json.js';
import { readProtobuf } from '../../src/viewer/otlp-protobuf.js';
import { MalformedError } from '../../src/viewer/otlp-span.js';
import fc, { runs } from '../support/property.js';

const { assert, property } = fc;

const id = (length: number) =>
  fc.uint8Array({ minLength: length / 2, maxLength: length / 2 }).map((bytes) => {
    const hex = Buffer.from(bytes).toString('hex');
    return /^0+$/.test(hex) ? hex.replace(/0$/, '1') : hex;
  });
const time = fc.tuple(fc.integer({ min: 1, max: 2_000_000_000 }), fc.nat(999_999_999));
const text = fc.string({ unit: 'grapheme' });
const value = fc.oneof(
  text,
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.array(text),
  fc.array(fc.integer()),
);
const attributes = fc.dictionary(text, value) as fc.Arbitrary<Attributes>;

const span: fc.Arbitrary<ReadableSpan> = fc
  .record({
    ...{ traceId: id(32), spanId: id(16), parentId: fc.option(id(16)), name: text, attributes },
    kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER),
    ...{ startTime: time, endTime: time, resource: attributes, message: text },
    code: fc.constantFrom(SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR),
    events: fc.array(fc.record({ name: text, time, attributes })),
    links: fc.array(fc.record({ traceId: id(32), spanId: id(16) })),
  })
  .map(({ traceId, spanId, parentId, resource, code, message, links, ...rest }) => ({
    ...rest,
    spanContext: () => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED }),
    ...(parentId !== null && { parentSpanContext: { traceId, spanId: parentId, traceFlags: 1 } }),
    status: { code, message },
    links: links.map((context) => ({ context: { ...context, traceFlags: 1 } })),
    ...{ duration: [0, 0], ended: true, resource: resourceFromAttributes(resource) },
    instrumentationScope: { name: 'a scope', version: '1.2.3' },
    ...{ droppedAttributesCount: 1, droppedEventsCount: 2, droppedLinksCount: 3 },
  }));

test('the SDK sends the same data in both encodings', () => {
  assert(
    property(fc.array(span, { maxLength: 5 }), (spans) => {
      const json = readJson(Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []).toString());
      const protobuf = readProtobuf(ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array());
      expect(protobuf).toEqual(json);
      expect(json.rejected).toBe(0);
      expect(json.batches.flatMap((batch) => batch.spans)).toHaveLength(spans.length);
    }),
    { numRuns: runs(1_000, 100) },
  );
});

test('the received data is what was sent', () => {
  const [sample] = fc.sample(span, { numRuns: 1, seed: 7 }) as [ReadableSpan];
  const sent: ReadableSpan = {
    ...sample,
    startTime: [1_700_000_000, 123_456_789],
    endTime: [1_700_000_001, 0],
    attributes: {
      text: 'Grüße 🦉',
      count: 2 ** 53 - 1,
      negative: -3,
      part: 0.5,
      yes: true,
      list: ['a', 'b'],
    },
    events: [{ name: 'event', time: [1_700_000_000, 500_000_000], attributes: { n: 1 } }],
    resource: resourceFromAttributes({ 'service.name': 'my-chat' }),
  };
  const read = readProtobuf(ProtobufTraceSerializer.serializeRequest([sent]) ?? new Uint8Array());
  expect(read.batches).toEqual([
    {
      resource: { 'service.name': 'my-chat' },
      scope: { name: 'a scope', version: '1.2.3' },
      spans: [
        expect.objectContaining({
          ...sent.spanContext,
          name: sent.name,
          startMicros: 1_700_000_000_123_456,
          durationMicros: 876_544,
          attributes: sent.attributes,
          events: [{ name: 'event', micros: 1_700_000_000_500_000, attributes: { n: 1 } }],
        }),
      ],
    },
  ]);
});

test('any bytes are read or refused as malformed', () => {
  const readOrRefuse = (bytes: Uint8Array) => {
    for (const read of [() => readProtobuf(bytes), () => readJson(Buffer.from(bytes).toString())])
      try {
        read();
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedError);
      }
  };
  assert(property(fc.uint8Array({ maxLength: 200 }), readOrRefuse), { numRuns: runs(20_000, 1_000) });
  const damaged = fc.record({ span, at: fc.nat(), byte: fc.nat(255), end: fc.nat() }).map((change) => {
    const bytes = Uint8Array.from(ProtobufTraceSerializer.serializeRequest([change.span]) ?? []);
    bytes[change.at % bytes.length] = change.byte;
    return bytes.subarray(0, change.end % (2 * bytes.length));
  });
  assert(property(damaged, readOrRefuse), { numRuns: runs(5_000, 300) });
});

test('any JSON is read or refused as malformed', () => {
  const key = fc.constantFrom('resourceSpans', 'scopeSpans', 'spans', 'attributes', 'value', 'events', 'key');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 6 }, value, fc.array(tie('tree')), fc.dictionary(key, tie('tree'))),
  }));
  assert(
    property(fc.array(tree), (resourceSpans) => {
      const { rejected, batches } = readJson(JSON.stringify({ resourceSpans }));
      expect(rejected).toBeGreaterThanOrEqual(0);
      expect(batches).toEqual([]);
    }),
    { numRuns: runs(500, 100) },
  );
});

test('a value with excessive nesting is cut', () => {
  const times = 5_000;
  const value = `${'{"arrayValue":{"values":['.repeat(times)}{"stringValue":"x"}${']}}'.repeat(times)}`;
  const ids = `"traceId":"${'a'.repeat(32)}","spanId":"${'b'.repeat(16)}","startTimeUnixNano":"1700000000000000000"`;
  const span = `{${ids},"attributes":[{"key":"deep","value":${value}}]}`;
  const { batches } = readJson(`{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`);
  expect(JSON.stringify(batches[0]?.spans[0]?.attributes)).toMatch(/^\{"deep":\[{32}(null)?\]{32}\}$/);
});
