import type { ReceivedSpan } from '../support/otlp-receiver.js';

const plain = (value: unknown) => (Array.isArray(value) ? JSON.stringify(value) : value);

/** The form of Jaeger's `GET /api/traces`, in microseconds. */
export function asJaeger(spans: readonly ReceivedSpan[]) {
  const micros = (nanos: bigint) => Number(nanos / 1_000n);
  const tags = (attributes: ReceivedSpan['attributes']) =>
    Object.entries(attributes).map(([key, value]) => ({ key, value: plain(value) }));
  return {
    data: [
      {
        spans: spans.map((span) => ({
          traceID: span.traceId,
          spanID: span.spanId,
          references:
            span.parentSpanId === undefined ? [] : [{ refType: 'CHILD_OF', spanID: span.parentSpanId }],
          startTime: micros(span.startTimeUnixNano),
          duration: micros(span.endTimeUnixNano - span.startTimeUnixNano),
          tags: tags(span.attributes),
          logs: span.events.map(({ name, timeUnixNano, attributes }) => ({
            timestamp: micros(timeUnixNano),
            fields: tags({ ...attributes, event: name }),
          })),
        })),
      },
    ],
  };
}
