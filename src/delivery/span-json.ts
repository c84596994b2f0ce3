import { crc32 } from 'node:zlib';
import {
  createTraceState,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanStatus,
} from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';

/** A line `S number time json` without its checksum. */
export const SPAN_LINE = /^S (\d+) (\d+) (.*)$/;
const CHECKSUM_BYTES = ' 01234567'.length;
const LINE_FEED = 10;

/** Returns a line without its checksum, or `undefined` if the checksum is wrong. */
export function intactText(line: Buffer): string | undefined {
  const end = line.length - CHECKSUM_BYTES;
  if (end <= 0 || line.toString('latin1', end) !== ` ${hex(crc32(line.subarray(0, end)))}`) return undefined;
  return line.toString('utf8', 0, end);
}

export function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}

/** Returns the JSON of each intact span in a spool file, delivered or not. */
export function* spansInSpool(file: Buffer): Generator<string> {
  for (let start = 0; start < file.length; ) {
    const found = file.indexOf(LINE_FEED, start);
    const end = found < 0 ? file.length : found;
    const json = SPAN_LINE.exec(intactText(file.subarray(start, end)) ?? '')?.[3];
    if (json !== undefined) yield json;
    start = end + 1;
  }
}

/** Converts a span context into JSON. A trace state is an object with methods. */
interface ContextJson {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean | undefined;
  readonly traceState?: string | undefined;
}

type Attributes = ReadableSpan['attributes'];

/** The members of an ended span except attributes and events, which can be large. */
interface HeadJson {
  readonly name: string;
  readonly kind: number;
  readonly context: ContextJson;
  readonly parent: ContextJson | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly links: readonly (Omit<Link, 'context'> & { readonly context: ContextJson })[];
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  readonly scope: ReadableSpan['instrumentationScope'];
  readonly resource: { readonly attributes: Attributes; readonly schemaUrl: string | undefined };
}

interface SpanJson extends HeadJson {
  readonly attributes: Attributes;
  readonly events: TimedEvent[];
}

/**
 * Serializes an ended span as JSON without line breaks, in pieces of one attribute or event each, so that a large
 * span can be written in slices.
 *
 * Not OTLP: a span that is read back goes to any exporter, whatever its protocol.
 */
export function* spanPieces(span: ReadableSpan): Generator<string> {
  yield JSON.stringify(headOf(span)).slice(0, -1);
  let before = ',"attributes":{';
  for (const [name, value] of Object.entries(span.attributes)) {
    const json = JSON.stringify(value);
    if (json === undefined) continue;
    yield `${before}${JSON.stringify(name)}:${json}`;
    before = ',';
  }
  yield before === ',' ? '},"events":[' : `${before}},"events":[`;
  before = '';
  for (const event of span.events) {
    yield before + JSON.stringify(event);
    before = ',';
  }
  yield ']}';
}

/** @throws if the JSON is not a span */
export function parseSpan(json: string, resources: ResourceCache): ReadableSpan {
  const { context, parent, links, scope, resource, ...rest } = JSON.parse(json) as SpanJson;
  const spanContext = contextOf(context);
  if (![rest.startTime, rest.endTime, rest.duration].every(isTime)) throw new Error('a span without times');
  return {
    ...rest,
    ended: true,
    spanContext: () => spanContext,
    ...(parent && { parentSpanContext: contextOf(parent) }),
    links: links.map((link) => ({ ...link, context: contextOf(link.context) })),
    instrumentationScope: scope,
    resource: resources.get(resource),
  };
}

/** Exporters group spans by the identity of their resource, so equal resources must be the same object. */
export class ResourceCache {
  readonly #resources = new Map<string, Resource>();

  get({ attributes, schemaUrl }: HeadJson['resource']): Resource {
    const key = JSON.stringify([attributes, schemaUrl]);
    let resource = this.#resources.get(key);
    if (resource === undefined) {
      // Each process has its own resource.
      if (this.#resources.size >= MAX_RESOURCES) this.#resources.clear();
      resource = resourceFromAttributes(attributes, schemaUrl === undefined ? {} : { schemaUrl });
      this.#resources.set(key, resource);
    }
    return resource;
  }
}

const MAX_RESOURCES = 100;

function headOf(span: ReadableSpan): HeadJson {
  const { attributes, schemaUrl } = span.resource;
  return {
    name: span.name,
    kind: span.kind,
    context: contextJson(span.spanContext()),
    parent: span.parentSpanContext && contextJson(span.parentSpanContext),
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    status: span.status,
    links: span.links.map((link) => ({ ...link, context: contextJson(link.context) })),
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    scope: span.instrumentationScope,
    resource: { attributes, schemaUrl },
  };
}

function contextJson({ traceId, spanId, traceFlags, isRemote, traceState }: SpanContext): ContextJson {
  return { traceId, spanId, traceFlags, isRemote, traceState: traceState?.serialize() };
}

function contextOf({ traceId, spanId, traceFlags, isRemote, traceState }: ContextJson): SpanContext {
  return {
    traceId,
    spanId,
    traceFlags,
    ...(isRemote !== undefined && { isRemote }),
    ...(traceState !== undefined && { traceState: createTraceState(traceState) }),
  };
}

function isTime(time: unknown): boolean {
  return Array.isArray(time) && time.length === 2 && time.every(Number.isFinite);
}
