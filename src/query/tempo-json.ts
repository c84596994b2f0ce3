import { type Fields, fieldsOf, isFields, numberOf, textOf } from './fields.js';
import type { StoredSpan } from './stored-span.js';

/** A trace as a search gives it: with those of its spans that were found, perhaps not all. */
export interface FoundTrace {
  readonly traceId: string;
  readonly spans: readonly StoredSpan[];
  /** How many there are to find, where the search counted them. */
  readonly matched: number;
}

/** The traces of `GET /api/search`; `undefined` where that is not what the answer is. */
export function foundTraces(answer: Fields): FoundTrace[] | undefined {
  // An empty list is left out of Tempo's JSON; the metrics of the search are not.
  if (!Array.isArray(answer['traces']) && !isFields(answer['metrics'])) return undefined;
  return fieldsOf(answer['traces']).map((trace) => {
    // Leading zeros are left out as well.
    const traceId = (textOf(trace['traceID']) ?? '').padStart(32, '0');
    const sets = fieldsOf(trace['spanSets']);
    const spans = sets.flatMap((set) => fieldsOf(set['spans']).map((span) => foundSpan(traceId, span)));
    const matched = sets.reduce((sum, set) => sum + (numberOf(set['matched']) ?? 0), 0);
    return { traceId, spans, matched };
  });
}

function foundSpan(traceId: string, span: Fields): StoredSpan {
  return {
    traceId,
    spanId: textOf(span['spanID']) ?? '',
    startedAt: millis(nanosOf(span['startTimeUnixNano'])),
    durationMillis: millis(nanosOf(span['durationNanos'])),
    attributes: attributesOf(span['attributes']),
    events: [],
  };
}

/** The spans of `GET /api/traces/ID`: OTLP, in batches. */
export function traceSpans(traceId: string, answer: Fields): StoredSpan[] {
  return fieldsOf(answer['batches'])
    .flatMap((batch) => fieldsOf(batch['scopeSpans']))
    .flatMap((scope) => fieldsOf(scope['spans']))
    .map((span) => {
      const start = nanosOf(span['startTimeUnixNano']);
      return {
        traceId,
        spanId: textOf(span['spanId']) ?? '',
        startedAt: millis(start),
        durationMillis: millis(nanosOf(span['endTimeUnixNano']) - start),
        attributes: attributesOf(span['attributes']),
        events: fieldsOf(span['events']).map((event) => ({
          name: textOf(event['name']) ?? '',
          at: millis(nanosOf(event['timeUnixNano'])),
          attributes: attributesOf(event['attributes']),
        })),
      };
    });
}

/** A text of digits, more of them than a number holds. */
function nanosOf(value: unknown): bigint {
  return /^\d{1,20}$/.test(String(value)) ? BigInt(String(value)) : 0n;
}

/** To the microsecond. */
function millis(nanos: bigint): number {
  return Number(nanos / 1_000n) / 1_000;
}

function attributesOf(attributes: unknown): Fields {
  return Object.fromEntries(fieldsOf(attributes).map(({ key, value }) => [String(key), plainValue(value)]));
}

/** Lists are headers, which nobody asks for here. */
function plainValue(value: unknown): unknown {
  if (!isFields(value)) return undefined;
  const { stringValue, boolValue, intValue, doubleValue } = value;
  return stringValue ?? boolValue ?? numberOf(intValue ?? doubleValue);
}
