import { type Fields, fieldsOf, isFields, numberOf, textOf } from '../query/stored-span.js';
import {
  BatchReader,
  type DecodedRequest,
  MAX_VALUE_DEPTH,
  MalformedError,
  type UncheckedSpan,
} from './otlp-span.js';

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS_CODES = ['UNSET', 'OK', 'ERROR'];

/**
 * Decodes an `ExportTraceServiceRequest` in JSON: hexadecimal ids, 64-bit integers as strings or numbers, enums as
 * numbers or names.
 *
 * @throws MalformedError for any other body
 */
export function readJson(body: string): DecodedRequest {
  const request = parsed(body);
  const batches = new BatchReader();
  for (const { resource, scopeSpans } of fieldsOf(request['resourceSpans'])) {
    const attributes = attributesOf(isFields(resource) ? resource['attributes'] : undefined);
    for (const { scope, spans } of fieldsOf(scopeSpans)) {
      const { name, version } = isFields(scope) ? scope : ({} as Fields);
      batches.add({
        resource: attributes,
        scope: { name: textOf(name) ?? '', version: textOf(version) ?? '' },
        spans: fieldsOf(spans).map(readSpan),
      });
    }
  }
  return batches.request;
}

function parsed(body: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new MalformedError('the body is not JSON', { cause: error });
  }
  if (isFields(value) && Array.isArray(value['resourceSpans'] ?? [])) return value;
  throw new MalformedError(
    'the body is not an ExportTraceServiceRequest: expected { "resourceSpans": [ … ] }',
  );
}

function readSpan(span: Fields): UncheckedSpan {
  const status = isFields(span['status']) ? span['status'] : {};
  return {
    traceId: idOf(span['traceId']),
    spanId: idOf(span['spanId']),
    parentSpanId: idOf(span['parentSpanId']),
    name: textOf(span['name']) ?? '',
    kind: enumOf(span['kind'], 'SPAN_KIND_', KINDS),
    startNanos: nanosOf(span['startTimeUnixNano']),
    endNanos: nanosOf(span['endTimeUnixNano']),
    attributes: attributesOf(span['attributes']),
    events: fieldsOf(span['events']).map((event) => ({
      name: textOf(event['name']) ?? '',
      nanos: nanosOf(event['timeUnixNano']),
      attributes: attributesOf(event['attributes']),
    })),
    links: fieldsOf(span['links']).map((link) => ({
      traceId: idOf(link['traceId']),
      spanId: idOf(link['spanId']),
    })),
    statusCode: enumOf(status['code'], 'STATUS_CODE_', STATUS_CODES),
    statusMessage: textOf(status['message']) ?? '',
  };
}

function idOf(value: unknown): string {
  return textOf(value)?.toLowerCase() ?? '';
}

function enumOf(value: unknown, prefix: string, names: readonly string[]): number {
  if (typeof value === 'number') return names[value] === undefined ? 0 : value;
  return Math.max(names.indexOf(String(value).replace(prefix, '')), 0);
}

function nanosOf(value: unknown): bigint {
  return /^\d{1,20}$/.test(String(value)) ? BigInt(String(value)) : 0n;
}

function attributesOf(attributes: unknown, depth = 0): Fields {
  return Object.fromEntries(
    fieldsOf(attributes).map(({ key, value }) => [String(key), plainValue(value, depth)]),
  );
}

function plainValue(value: unknown, depth: number): unknown {
  if (!isFields(value)) return undefined;
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = value;
  if (isFields(arrayValue) && depth < MAX_VALUE_DEPTH)
    return fieldsOf(arrayValue['values']).map((one) => plainValue(one, depth + 1));
  if (isFields(kvlistValue) && depth < MAX_VALUE_DEPTH) return attributesOf(kvlistValue['values'], depth + 1);
  return textOf(stringValue) ?? boolOf(boolValue) ?? numberOf(intValue ?? doubleValue) ?? textOf(bytesValue);
}

function boolOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}
