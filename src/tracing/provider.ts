import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { RandomIdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';
import { SpanDelivery, type SpanDeliveryOptions } from '../delivery/span-delivery.js';
import { ErrorKindSampler } from '../sampling/error-kind-sampler.js';
import type { KeepRules } from '../sampling/keep-rules.js';
import { type Pipeline, tracerOf } from './pipeline.js';
import { ReservedIds } from './reserved-ids.js';

export interface PipelineOptions {
  readonly keep: KeepRules;
  readonly serviceName: string | undefined;
  /** How many events a span must be able to hold. */
  readonly maxEvents: number;
  readonly delivery: SpanDeliveryOptions;
}

/**
 * Builds the private pipeline, which nothing global knows of: provider, processor and exporter, from the options
 * and the standard `OTEL_*` variables.
 */
export function createPipeline({
  keep,
  serviceName,
  maxEvents,
  delivery: options,
}: PipelineOptions): Pipeline {
  const delivery = new SpanDelivery(options);
  const ids = new ReservedIds(new RandomIdGenerator());
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(detectResources({ detectors: [envDetector] }))
      .merge(resourceFromAttributes(serviceName === undefined ? {} : { 'service.name': serviceName })),
    sampler: new ErrorKindSampler(keep),
    idGenerator: ids,
    // All of them: those of the `OTEL_*_LIMIT` variables that count here were heeded before, so that no JSON is cut.
    spanLimits: {
      attributeCountLimit: 256,
      attributeValueLengthLimit: Number.POSITIVE_INFINITY,
      eventCountLimit: maxEvents,
      attributePerEventCountLimit: 512,
      linkCountLimit: 128,
      attributePerLinkCountLimit: 128,
    },
    spanProcessors: [delivery],
  });
  return {
    tracer: tracerOf(provider),
    startRoot: (traceId, start) => ids.withTraceId(traceId, start),
    // Not the provider's, which adds nothing but timers.
    forceFlush: (timeoutMillis) => delivery.forceFlush({ timeoutMillis }),
    shutdown: () => delivery.shutdown(),
    deliverAtExit: () => delivery.deliverAtExit(),
    stats: () => delivery.stats(),
  };
}
