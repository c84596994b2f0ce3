import { type Fields, fieldsOf, numberOf, textOf } from './fields.js';
import type { StoredEvent, StoredSpan } from './stored-span.js';

/** The spans of Jaeger's traces, as `GET /api/traces` gives them: times in microseconds, events as `logs`. */
export function jaegerSpans(traces: readonly Fields[]): StoredSpan[] {
  return traces.flatMap((trace) => fieldsOf(trace['spans']).map(jaegerSpan));
}

function jaegerSpan(span: Fields): StoredSpan {
  return {
    traceId: textOf(span['traceID']) ?? '',
    spanId: textOf(span['spanID']) ?? '',
    startedAt: (numberOf(span['startTime']) ?? 0) / 1_000,
    durationMillis: (numberOf(span['duration']) ?? 0) / 1_000,
    attributes: tagsOf(span['tags']),
    events: fieldsOf(span['logs']).map(jaegerEvent),
  };
}

/** An event's name is one of its fields. */
function jaegerEvent(log: Fields): StoredEvent {
  const attributes = tagsOf(log['fields']);
  return {
    name: textOf(attributes['event']) ?? '',
    at: (numberOf(log['timestamp']) ?? 0) / 1_000,
    attributes,
  };
}

function tagsOf(tags: unknown): Fields {
  return Object.fromEntries(fieldsOf(tags).map(({ key, value }) => [String(key), value]));
}
