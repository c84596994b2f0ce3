import { NodeTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { RETRY_PACE, RetrySchedule } from '../../../src/delivery/sender.js';
import { SpanDelivery, type SpanDeliveryOptions } from '../../../src/delivery/span-delivery.js';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.js';

/** A delivery between its own provider and a real OTLP endpoint, with scaled-down clocks. */
export interface Delivering {
  readonly delivery: SpanDelivery;
  readonly receiver: OtlpReceiver;
  /** Writes spans with these names. */
  write(...names: string[]): void;
  /** The names of the received spans, sorted. */
  arrived(): string[];
}

/** The delays between retries are scaled down a hundred times, unlike the delays that an endpoint requests. */
export const QUICK = { ...RETRY_PACE, leastMillis: 1, firstMillis: 5, longestMillis: 100 };

const stopping: (() => Promise<unknown>)[] = [];

export async function stopAll(): Promise<void> {
  await Promise.all(stopping.splice(0).map((stop) => stop()));
}

export async function startDelivering(options: SpanDeliveryOptions = {}): Promise<Delivering> {
  const receiver = await startOtlpReceiver();
  const delivery = deliverTo(receiver.url, options);
  stopping.push(receiver.close);
  const write = writer(delivery);
  const arrived = () => receiver.spans.map(({ name }) => name).sort();
  return { delivery, receiver, write: (...names) => names.forEach(write), arrived };
}

export function deliverTo(endpoint: string, options: SpanDeliveryOptions): SpanDelivery {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = endpoint;
  const retries = new RetrySchedule(QUICK);
  const delivery = new SpanDelivery({ batchMillis: 5, shutdownTimeoutMillis: 200, retries, ...options });
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  stopping.unshift(() => delivery.shutdown());
  return delivery;
}

/** Spans that start before this call are written as well. */
export function writer(delivery: SpanDelivery): (name: string) => void {
  const tracer = new NodeTracerProvider({ spanProcessors: [delivery] }).getTracer('test');
  // A time that no serialiser can write.
  const startTime = (name: string) => (name.startsWith('no time') ? Number.NaN : undefined);
  return (name) => tracer.startSpan(name, { startTime: startTime(name) ?? Date.now() }).end();
}

/** A span that did not pass through a processor. */
export function endedSpan(name: string): ReadableSpan {
  let ended: ReadableSpan | undefined;
  const processor = {
    onStart: () => {},
    onEnd: (span: ReadableSpan) => {
      ended = span;
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  new NodeTracerProvider({ spanProcessors: [processor] }).getTracer('test').startSpan(name).end();
  if (ended === undefined) throw new Error('the span did not end');
  return ended;
}

export function names(count: number, prefix = 'span'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix} ${String(index).padStart(5, '0')}`);
}
