import {
  type Attributes,
  type AttributeValue,
  type Context,
  type HrTime,
  isSpanContextValid,
  type Link,
  type SpanContext,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { randomId } from '../run/trace-position.js';
import { RECORD_AND_SAMPLED, type Sampler } from '../sampling/error-kind-sampler.js';
import type { SpanStart, SpanTracer, WrittenSpan } from './pipeline.js';

/** Attribute limits of a span and an event. */
const MAX_ATTRIBUTES = 256;
const MAX_EVENT_ATTRIBUTES = 512;

export interface OwnTracerOptions {
  readonly sampler: Sampler;
  readonly resource: Resource;
  readonly scope: ReadableSpan['instrumentationScope'];
  readonly ended: (span: ReadableSpan) => void;
}

/**
 * Creates the spans of the private pipeline. Their times are explicit and their attributes are bounded already; the
 * SDK's tracer would copy and check each attribute three times.
 */
export class OwnTracer implements SpanTracer {
  #reserved: string | undefined;

  constructor(private readonly options: OwnTracerOptions) {}

  /** The trace id of the next root span. A run reserves it when it starts, before its span exists. */
  withTraceId<T>(traceId: string | undefined, startRoot: () => T): T {
    this.#reserved = traceId;
    try {
      return startRoot();
    } finally {
      this.#reserved = undefined;
    }
  }

  startSpan(name: string, options: SpanStart, context: Context): WrittenSpan {
    const { kind = SpanKind.INTERNAL, attributes = {}, links = [], startTime } = options;
    const around = trace.getSpanContext(context);
    const parent = around !== undefined && isSpanContextValid(around) ? around : undefined;
    const traceId = parent?.traceId ?? this.#reserved ?? randomId().replaceAll('-', '');
    const { decision } = this.options.sampler.shouldSample(context, traceId, name, kind, attributes, links);
    const isSampled = decision === RECORD_AND_SAMPLED;
    const spanContext: SpanContext = {
      traceId,
      spanId: randomSpanId(),
      traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      ...(parent?.traceState && { traceState: parent.traceState }),
    };
    if (!isSampled) return trace.wrapSpanContext(spanContext);
    const span = new OwnSpan(name, kind, spanContext, parent, links, hrTime(startTime), this.options);
    span.setAttributes(attributes);
    return span;
  }
}

class OwnSpan implements WrittenSpan, ReadableSpan {
  readonly attributes: Attributes = {};
  readonly events: TimedEvent[] = [];
  readonly resource: Resource;
  readonly instrumentationScope: ReadableSpan['instrumentationScope'];
  readonly parentSpanContext?: SpanContext;
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  endTime: HrTime = [0, 0];
  duration: HrTime = [0, 0];
  ended = false;
  droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  #attributesCount = 0;

  constructor(
    readonly name: string,
    readonly kind: SpanKind,
    private readonly context: SpanContext,
    parent: SpanContext | undefined,
    readonly links: Link[],
    readonly startTime: HrTime,
    private readonly options: OwnTracerOptions,
  ) {
    if (parent !== undefined) this.parentSpanContext = parent;
    this.resource = options.resource;
    this.instrumentationScope = options.scope;
  }

  spanContext(): SpanContext {
    return this.context;
  }

  isRecording(): boolean {
    return !this.ended;
  }

  setAttribute(name: string, value: AttributeValue | undefined): void {
    if (value === undefined || this.ended) return;
    if (!Object.hasOwn(this.attributes, name)) {
      if (this.#attributesCount === MAX_ATTRIBUTES) {
        this.droppedAttributesCount += 1;
        return;
      }
      this.#attributesCount += 1;
    }
    this.attributes[name] = value;
  }

  setAttributes(attributes: Attributes): void {
    for (const name of Object.keys(attributes)) this.setAttribute(name, attributes[name]);
  }

  addEvent(name: string, attributes: Attributes, at: number): void {
    if (this.ended) return;
    const names = Object.keys(attributes);
    const isWhole = names.length <= MAX_EVENT_ATTRIBUTES;
    const kept = isWhole ? attributes : firstOf(attributes, names);
    const droppedAttributesCount = isWhole ? 0 : names.length - MAX_EVENT_ATTRIBUTES;
    this.events.push({ name, attributes: kept, time: hrTime(at), droppedAttributesCount });
  }

  setStatus(status: SpanStatus): void {
    if (!this.ended) this.status = status;
  }

  end(at: number): void {
    if (this.ended) return;
    const [startSeconds, startNanos] = this.startTime;
    const [seconds, nanos] = hrTime(at);
    const duration = (seconds - startSeconds) * 1e9 + nanos - startNanos;
    this.endTime = duration < 0 ? this.startTime : [seconds, nanos];
    this.duration = duration < 0 ? [0, 0] : [Math.floor(duration / 1e9), duration % 1e9];
    this.ended = true;
    this.options.ended(this);
  }
}

/** `fromEntries`, since a header may be called `__proto__`. */
function firstOf(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(names.slice(0, MAX_EVENT_ATTRIBUTES).map((name) => [name, attributes[name]]));
}

function hrTime(epochMillis: number): HrTime {
  const seconds = Math.floor(epochMillis / 1_000);
  const nanos = Math.round((epochMillis - seconds * 1_000) * 1e6);
  return nanos < 1e9 ? [seconds, nanos] : [seconds + 1, nanos - 1e9];
}

/** Takes the last 62 random bits of a UUID and a leading digit that is never 0. */
function randomSpanId(): string {
  return randomId().slice(-17).replace('-', '');
}
