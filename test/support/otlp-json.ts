/** A received span with attributes as plain values. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  /** As in the protocol: 1 INTERNAL, 3 CLIENT. */
  kind: number;
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: Record<string, unknown>;
  droppedAttributesCount: number;
  events: ReceivedEvent[];
  droppedEventsCount: number;
  /** As in the protocol: 0 UNSET, 1 OK, 2 ERROR. */
  status: { code: number; message?: string };
  links: { traceId: string; spanId: string; attributes: Record<string, unknown> }[];
  resource: Record<string, unknown>;
  scope: { name: string; version: string | undefined; schemaUrl?: string | undefined };
}

export interface ReceivedEvent {
  name: string;
  timeUnixNano: bigint;
  attributes: Record<string, unknown>;
}

type WireTime = string | number;

interface WireValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number;
  bytesValue?: string;
  arrayValue?: { values?: WireValue[] };
  kvlistValue?: { values?: WireAttribute[] };
}

export interface WireAttribute {
  key: string;
  value?: WireValue;
}

interface WireSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number;
  startTimeUnixNano: WireTime;
  endTimeUnixNano: WireTime;
  attributes?: WireAttribute[];
  droppedAttributesCount?: number;
  events?: { name: string; timeUnixNano: WireTime; attributes?: WireAttribute[] }[];
  droppedEventsCount?: number;
  status?: { code?: number; message?: string };
  links?: { traceId: string; spanId: string; attributes?: WireAttribute[] }[];
}

interface WireTraces {
  resourceSpans?: {
    resource?: { attributes?: WireAttribute[] };
    scopeSpans?: (WireScope & { spans?: WireSpan[] })[];
  }[];
}

export interface WireScope {
  scope?: { name?: string; version?: string };
  schemaUrl?: string;
}

/**
 * Reads an `ExportTraceServiceRequest` in OTLP's JSON encoding.
 * @throws SyntaxError if it is not JSON, TypeError if a span has no time
 */
export function decodeTraces(json: string): ReceivedSpan[] {
  const traces: WireTraces = JSON.parse(json);
  return (traces.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [], ...scope }) =>
      spans.map((span) => ({
        ...decodeSpan(span),
        resource: decodeAttributes(resource?.attributes),
        scope: decodeScope(scope),
      })),
    ),
  );
}

export function decodeScope({ scope, schemaUrl }: WireScope): ReceivedSpan['scope'] {
  return { name: scope?.name ?? '', version: scope?.version, schemaUrl: schemaUrl || undefined };
}

function decodeSpan(span: WireSpan): Omit<ReceivedSpan, 'resource' | 'scope'> {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    name: span.name,
    kind: span.kind ?? 0,
    startTimeUnixNano: BigInt(span.startTimeUnixNano),
    endTimeUnixNano: BigInt(span.endTimeUnixNano),
    attributes: decodeAttributes(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount ?? 0,
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      timeUnixNano: BigInt(event.timeUnixNano),
      attributes: decodeAttributes(event.attributes),
    })),
    droppedEventsCount: span.droppedEventsCount ?? 0,
    status: { ...span.status, code: span.status?.code ?? 0 },
    links: (span.links ?? []).map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: decodeAttributes(attributes),
    })),
  };
}

export function decodeAttributes(attributes: readonly WireAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value = {} }) => [key, decodeValue(value)]));
}

/** An empty value is null in the protocol. */
function decodeValue(value: WireValue): unknown {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.doubleValue !== undefined) return value.doubleValue;
  if (value.bytesValue !== undefined) return Buffer.from(value.bytesValue, 'base64');
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(decodeValue);
  if (value.kvlistValue !== undefined) return decodeAttributes(value.kvlistValue.values);
  return null;
}
