import { arch, hostname } from 'node:os';
import type { AttributeValue } from '@opentelemetry/api';
import {
  defaultResource,
  envDetector,
  osDetector,
  processDetector,
  type Resource,
  type ResourceDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import type { ResourceDetectorName } from '../config/otel-variables.js';
import type { Conventions } from '../conventions.js';
import { SpanDelivery, type SpanDeliveryOptions } from '../delivery/span-delivery.js';
import { ErrorKindSampler, type KeepRules } from '../sampling/error-kind-sampler.js';
import { guarded } from '../self-diagnostics.js';
import { OwnTracer } from './own-tracer.js';
import { type Pipeline, scopeOf } from './pipeline.js';

export interface PipelineOptions {
  readonly keep: KeepRules;
  readonly serviceName: string | undefined;
  readonly resourceDetectors: readonly ResourceDetectorName[];
  readonly delivery: SpanDeliveryOptions;
  readonly conventions: Conventions;
}

/**
 * Builds the private pipeline (tracer, processor, exporter) from the options and the standard `OTEL_*` variables.
 * Registers nothing globally.
 */
export function createPipeline({
  keep,
  serviceName,
  resourceDetectors,
  delivery: options,
  conventions,
}: PipelineOptions): Pipeline {
  const delivery = new SpanDelivery(options);
  const tracer = new OwnTracer({
    resource: createResource(resourceDetectors, serviceName),
    sampler: new ErrorKindSampler(keep),
    scope: scopeOf(conventions),
    ended: (span) => delivery.onEnd(span),
  });
  return {
    tracer,
    startRoot: (traceId, start) => tracer.withTraceId(traceId, start),
    forceFlush: (timeoutMillis) => delivery.forceFlush({ timeoutMillis }),
    shutdown: () => delivery.shutdown(),
    hurry: () => delivery.hurry(),
    deliverAtEnd: (isCertain) => delivery.deliverAtEnd(isCertain),
    stats: () => delivery.stats(),
    exporter: delivery.exporter,
  };
}

/** Node.js names whose name in the conventions differs. */
const ARCHITECTURES: Readonly<Record<string, string>> = { arm: 'arm32', ppc: 'ppc32', x64: 'amd64' };

/**
 * Replaces OpenTelemetry's host detector, which looks for `host.id` asynchronously and starts a program on some
 * platforms. Spans at the end of the process could not wait for it.
 */
const hostDetector: ResourceDetector = {
  detect: () => ({
    attributes: { 'host.name': hostname(), 'host.arch': ARCHITECTURES[arch()] ?? arch() },
  }),
};

const DETECTORS: Readonly<Record<ResourceDetectorName, ResourceDetector>> = {
  host: hostDetector,
  os: osDetector,
  serviceinstance: serviceInstanceIdDetector,
  process: processDetector,
  env: envDetector,
};

/** Command-line arguments may hold secrets or content. */
const LEFT_OUT = ['process.command_args'];

/** Detects the service and the process. A later detector wins. */
function createResource(
  detectors: readonly ResourceDetectorName[],
  serviceName: string | undefined,
): Resource {
  const attributes: Record<string, AttributeValue> = {};
  for (const name of detectors) {
    guarded('a resource detector failed', undefined, () => {
      const detected = Object.entries(DETECTORS[name].detect().attributes ?? {});
      for (const [key, value] of detected) {
        if (value !== undefined && !LEFT_OUT.includes(key)) attributes[key] = value as AttributeValue;
      }
    });
  }
  if (serviceName !== undefined) attributes['service.name'] = serviceName;
  return defaultResource().merge(resourceFromAttributes(attributes));
}
