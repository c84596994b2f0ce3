import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { ErrorKindSampler } from '../../src/sampling/error-kind-sampler.js';
import { OwnTracer } from '../../src/tracing/own-tracer.js';

const AT = 1_764_590_400_123;
const OURS = { 'chatdebug.run.id': 'r', 'chatdebug.capture': 'full' };
const DROPPED = {
  'chatdebug.run.id': 'r',
  'chatdebug.capture': 'errors',
  'chatdebug.step.status': 'completed',
};

function tracer() {
  const ended: ReadableSpan[] = [];
  const own = new OwnTracer({
    sampler: new ErrorKindSampler(),
    resource: resourceFromAttributes({}),
    scope: { name: 'scope' },
    ended: (span) => ended.push(span),
  });
  return { own, ended };
}

const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`name.${index}`, index]));

test('attributes of spans and events are limited, and the dropped ones counted', () => {
  const { own, ended } = tracer();
  const span = own.startSpan('s', { attributes: { ...OURS, ...numbered(300) }, startTime: AT }, ROOT_CONTEXT);
  span.setAttribute('name.0', 'changed');
  span.addEvent('few', numbered(512), AT);
  span.addEvent('many', numbered(600), AT);
  span.end(AT);
  const [{ attributes, droppedAttributesCount, events }] = ended as [ReadableSpan];
  expect([Object.keys(attributes).length, droppedAttributesCount, attributes['name.0']]).toEqual([
    256,
    46,
    'changed',
  ]);
  expect(
    events.map((event) => [Object.keys(event.attributes ?? {}).length, event.droppedAttributesCount]),
  ).toEqual([
    [512, 0],
    [512, 88],
  ]);
});

test('ids are valid, and are those of the parent or the reserved ones', () => {
  const { own, ended } = tracer();
  const traceId = 'a'.repeat(32);
  const root = own.withTraceId(traceId, () =>
    own.startSpan('r', { attributes: OURS, startTime: AT }, ROOT_CONTEXT),
  );
  const below = trace.setSpanContext(ROOT_CONTEXT, root.spanContext());
  const child = own.startSpan('c', { kind: SpanKind.CLIENT, attributes: OURS, startTime: AT }, below);
  const other = own.startSpan('o', { attributes: OURS, startTime: AT }, ROOT_CONTEXT);
  for (const span of [root, child, other]) span.end(AT);
  const contexts = ended.map((span) => span.spanContext());
  expect(contexts.every(trace.isSpanContextValid)).toBe(true);
  expect(new Set(contexts.map(({ spanId }) => spanId)).size).toBe(3);
  expect(contexts.map((context) => context.traceId === traceId)).toEqual([true, true, false]);
  expect(ended.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([
    undefined,
    contexts[0]?.spanId,
    undefined,
  ]);
});

test('a span that the sampler drops records nothing and has a context', () => {
  const { own, ended } = tracer();
  const span = own.startSpan('s', { attributes: DROPPED, startTime: AT }, ROOT_CONTEXT);
  span.end(AT);
  expect([span.isRecording(), span.spanContext().traceFlags, ended]).toEqual([false, TraceFlags.NONE, []]);
});

test('times are whole nanoseconds, and no span ends before it starts', () => {
  const millis = fc.double({ min: 0, max: 4e12, noNaN: true });
  fc.assert(
    fc.property(millis, millis, (start, end) => {
      const { own, ended } = tracer();
      own.startSpan('s', { attributes: OURS, startTime: start }, ROOT_CONTEXT).end(end);
      const [{ startTime, endTime, duration }] = ended as [ReadableSpan];
      for (const [seconds, nanos] of [startTime, endTime, duration]) {
        expect([Number.isInteger(seconds), Number.isInteger(nanos)]).toEqual([true, true]);
        expect(seconds >= 0 && nanos >= 0 && nanos < 1e9).toBe(true);
      }
      const inMillis = ([seconds, nanos]: readonly [number, number]) => seconds * 1e3 + nanos / 1e6;
      expect(inMillis(startTime)).toBeCloseTo(start, 2);
      expect(inMillis(endTime)).toBeCloseTo(Math.max(start, end), 2);
      expect(inMillis(duration)).toBeCloseTo(Math.max(0, end - start), 2);
    }),
  );
});

test('nothing changes after the end', () => {
  const { own, ended } = tracer();
  const span = own.startSpan('s', { attributes: OURS, startTime: AT }, ROOT_CONTEXT);
  span.end(AT + 1);
  span.setAttributes({ late: true });
  span.addEvent('late', {}, AT);
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(AT + 2);
  expect(ended).toHaveLength(1);
  expect(ended[0]).toMatchObject({ attributes: OURS, events: [], status: { code: 0 }, duration: [0, 1e6] });
});
