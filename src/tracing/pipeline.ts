import type { ProxyTracerProvider, Span, Tracer, TracerProvider } from '@opentelemetry/api';
import type { DeliveryStats } from '../delivery/losses.js';
import { VERSION } from '../version.js';

/** What spans are written through. */
export interface Pipeline {
  readonly tracer: Tracer;
  /** Starts a root span, with this trace id where the pipeline can reserve one. */
  startRoot(traceId: string | undefined, start: () => Span): Span;
  forceFlush(timeoutMillis: number): Promise<void>;
  shutdown(): Promise<void>;
  /** In the `exit` event: delivers what is left without a turn of the event loop. */
  deliverAtExit(): void;
  stats(): DeliveryStats;
}

/** Where nothing was delivered, or somebody else delivers. */
export const NOTHING_DELIVERED: DeliveryStats = Object.freeze({
  queued: 0,
  inFlight: 0,
  exported: 0,
  lost: Object.freeze({}),
});

/** Our tracer of a provider. */
export function tracerOf(provider: TracerProvider): Tracer {
  return provider.getTracer('opentelemetry-instrumentation-chatdebug', VERSION);
}

/**
 * The application's own pipeline: its sampler, processors and exporter get our spans. It is flushed with us,
 * and never shut down by us.
 */
export function applicationPipeline(provider: TracerProvider): Pipeline {
  const forceFlush = async (): Promise<void> => {
    await (behindProxy(provider) as { forceFlush?: () => Promise<void> }).forceFlush?.();
  };
  return {
    tracer: tracerOf(provider),
    startRoot: (_, start) => start(),
    forceFlush,
    shutdown: forceFlush,
    deliverAtExit: () => {},
    stats: () => NOTHING_DELIVERED,
  };
}

/** The API's global provider stands for the one that was registered, and has no `forceFlush` of its own. */
function behindProxy(provider: TracerProvider): TracerProvider {
  return (provider as Partial<ProxyTracerProvider>).getDelegate?.() ?? provider;
}
