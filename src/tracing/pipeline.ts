import type {
  Attributes,
  AttributeValue,
  Context,
  ProxyTracerProvider,
  SpanContext,
  SpanOptions,
  SpanStatus,
  Tracer,
  TracerProvider,
} from '@opentelemetry/api';
import type { Conventions } from '../conventions.js';
import type { DeliveryStats } from '../delivery/stats.js';
import type { ExporterComponent } from '../delivery/transport.js';
import { VERSION } from '../version.js';

/** The part of an OpenTelemetry span that is used here. Times are milliseconds since the epoch. */
export interface WrittenSpan {
  spanContext(): SpanContext;
  isRecording(): boolean;
  setAttribute(name: string, value: AttributeValue): unknown;
  setAttributes(attributes: Attributes): unknown;
  addEvent(name: string, attributes: Attributes, at: number): unknown;
  setStatus(status: SpanStatus): unknown;
  end(at: number): void;
}

export interface SpanStart extends Pick<SpanOptions, 'kind' | 'attributes' | 'links'> {
  /** Milliseconds since the epoch. */
  readonly startTime: number;
}

export interface SpanTracer {
  startSpan(name: string, options: SpanStart, context: Context): WrittenSpan;
}

interface SpanScope {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl?: string;
}

/** The destination of spans. */
export interface Pipeline {
  readonly tracer: SpanTracer;
  /** Starts a root span, with this trace id if the pipeline can reserve one. */
  startRoot(traceId: string | undefined, start: () => WrittenSpan): WrittenSpan;
  forceFlush(timeoutMillis: number): Promise<void>;
  shutdown(): Promise<void>;
  /** Sends all ended spans without waiting for a full batch. Does not keep the process alive. */
  hurry(): void;
  /**
   * Delivers the remaining spans synchronously, at the end of the process.
   *
   * @param isCertain the process ends now
   */
  deliverAtEnd(isCertain: boolean): void;
  stats(): DeliveryStats;
  /** `undefined` if the application's pipeline delivers the spans. */
  readonly exporter: ExporterComponent | undefined;
}

/** The counts of a pipeline that delivers nothing itself. */
export const NOTHING_DELIVERED: DeliveryStats = Object.freeze({
  queued: 0,
  inFlight: 0,
  exported: 0,
  lost: Object.freeze({}),
});

/** The instrumentation scope. */
export function scopeOf({ schemaUrl }: Conventions): SpanScope {
  const scope = { name: 'opentelemetry-instrumentation-chatdebug', version: VERSION };
  return schemaUrl === undefined ? scope : { ...scope, schemaUrl };
}

function tracerOf(provider: TracerProvider, conventions: Conventions): Tracer {
  const { name, version, ...options } = scopeOf(conventions);
  return provider.getTracer(name, version, options);
}

/**
 * Writes to the application's tracer provider: its sampler, processors and exporter receive the spans. `forceFlush`
 * is passed on, `shutdown` is not.
 *
 * @param provider asked with each span, since the application may replace its provider
 */
export function applicationPipeline(provider: () => TracerProvider, conventions: Conventions): Pipeline {
  const forceFlush = async (): Promise<void> => {
    await (behindProxy(provider()) as { forceFlush?: () => Promise<void> }).forceFlush?.();
  };
  return {
    get tracer() {
      return tracerOf(provider(), conventions);
    },
    startRoot: (_, start) => start(),
    forceFlush,
    shutdown: forceFlush,
    hurry: () => {},
    deliverAtEnd: () => {},
    stats: () => NOTHING_DELIVERED,
    exporter: undefined,
  };
}

/** The API's global provider is a proxy without `forceFlush`. */
function behindProxy(provider: TracerProvider): TracerProvider {
  return (provider as Partial<ProxyTracerProvider>).getDelegate?.() ?? provider;
}
