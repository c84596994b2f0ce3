/** Field numbers of opentelemetry/proto/{collector/trace,trace,common,resource}/v1, which is stable. */
import type { Fields } from '../query/stored-span.js';
import {
  BatchReader,
  type DecodedRequest,
  MAX_VALUE_DEPTH,
  type OtlpLink,
  type UncheckedSpan,
} from './otlp-span.js';
import { ProtobufReader } from './protobuf-reader.js';

/**
 * Decodes an `ExportTraceServiceRequest` in binary Protocol Buffers.
 *
 * @throws MalformedError for any other body
 */
export function readProtobuf(body: Uint8Array): DecodedRequest {
  const batches = new BatchReader();
  const request = new ProtobufReader(body);
  for (let field = request.next(); field !== 0; field = request.next()) {
    if (field === 1) readResourceSpans(request.message(), batches);
    else request.skip();
  }
  return batches.request;
}

function readResourceSpans(message: ProtobufReader, batches: BatchReader): void {
  let resource: Fields = {};
  const scopes: ProtobufReader[] = [];
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) resource = attributesIn(message.message(), 1);
    else if (field === 2) scopes.push(message.message());
    else message.skip();
  }
  // The resource may follow its spans.
  for (const scope of scopes) readScopeSpans(scope, resource, batches);
}

function readScopeSpans(message: ProtobufReader, resource: Fields, batches: BatchReader): void {
  let scope = { name: '', version: '' };
  const spans: UncheckedSpan[] = [];
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) scope = readScope(message.message());
    else if (field === 2) spans.push(readSpan(message.message()));
    else message.skip();
  }
  batches.add({ resource, scope, spans });
}

function readScope(message: ProtobufReader): { name: string; version: string } {
  const scope = { name: '', version: '' };
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) scope.name = message.text();
    else if (field === 2) scope.version = message.text();
    else message.skip();
  }
  return scope;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

function readSpan(message: ProtobufReader): UncheckedSpan {
  const attributes: [string, unknown][] = [];
  const events: UncheckedSpan['events'][number][] = [];
  const links: OtlpLink[] = [];
  const span: Mutable<Omit<UncheckedSpan, 'attributes'>> = {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    name: '',
    kind: 0,
    startNanos: 0n,
    endNanos: 0n,
    events,
    links,
    statusCode: 0,
    statusMessage: '',
  };
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) span.traceId = message.hex();
    else if (field === 2) span.spanId = message.hex();
    else if (field === 4) span.parentSpanId = message.hex();
    else if (field === 5) span.name = message.text();
    else if (field === 6) span.kind = message.uint();
    else if (field === 7) span.startNanos = message.fixed64();
    else if (field === 8) span.endNanos = message.fixed64();
    else if (field === 9) attributes.push(readAttribute(message.message(), 0));
    else if (field === 11) events.push(readEvent(message.message()));
    else if (field === 13) links.push(readLink(message.message()));
    else if (field === 15) Object.assign(span, readStatus(message.message()));
    else message.skip();
  }
  return { ...span, attributes: Object.fromEntries(attributes) };
}

function readEvent(message: ProtobufReader): UncheckedSpan['events'][number] {
  const attributes: [string, unknown][] = [];
  let nanos = 0n;
  let name = '';
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) nanos = message.fixed64();
    else if (field === 2) name = message.text();
    else if (field === 3) attributes.push(readAttribute(message.message(), 0));
    else message.skip();
  }
  return { nanos, name, attributes: Object.fromEntries(attributes) };
}

function readLink(message: ProtobufReader): OtlpLink {
  const link = { traceId: '', spanId: '' };
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) link.traceId = message.hex();
    else if (field === 2) link.spanId = message.hex();
    else message.skip();
  }
  return link;
}

function readStatus(message: ProtobufReader): Pick<UncheckedSpan, 'statusCode' | 'statusMessage'> {
  const status = { statusCode: 0, statusMessage: '' };
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 2) status.statusMessage = message.text();
    else if (field === 3) status.statusCode = message.uint();
    else message.skip();
  }
  return status;
}

function attributesIn(message: ProtobufReader, attributesField: number, depth = 0): Fields {
  const attributes: [string, unknown][] = [];
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === attributesField) attributes.push(readAttribute(message.message(), depth));
    else message.skip();
  }
  return Object.fromEntries(attributes);
}

function readAttribute(message: ProtobufReader, depth: number): [string, unknown] {
  let name = '';
  let value: unknown;
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) name = message.text();
    else if (field === 2) value = readValue(message.message(), depth);
    else message.skip();
  }
  return [name, value];
}

function readValue(message: ProtobufReader, depth: number): unknown {
  let value: unknown;
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) value = message.text();
    else if (field === 2) value = message.uint() !== 0;
    else if (field === 3) value = Number(message.int64());
    else if (field === 4) value = message.double();
    else if (depth >= MAX_VALUE_DEPTH) message.skip();
    else if (field === 5) value = readArray(message.message(), depth + 1);
    else if (field === 6) value = attributesIn(message.message(), 1, depth + 1);
    else if (field === 7) value = Buffer.from(message.byteString()).toString('base64');
    else message.skip();
  }
  return value;
}

function readArray(message: ProtobufReader, depth: number): unknown[] {
  const values: unknown[] = [];
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) values.push(readValue(message.message(), depth));
    else message.skip();
  }
  return values;
}
