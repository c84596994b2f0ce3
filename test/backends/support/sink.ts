import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.js';
import { type Collector, type CollectorOptions, startCollector } from './collector.js';

/** A Collector that sends the kept data to a receiver of the test, where it can be counted. */
export interface SinkCollector {
  readonly collector: Collector;
  readonly sink: OtlpReceiver;
}

/**
 * @param pipelines the pipelines of the configuration that end in the receiver instead of Jaeger and Tempo
 * @param processors merged into those of the configuration
 */
export async function startSinkCollector(
  options: Pick<CollectorOptions, 'config' | 'env'>,
  pipelines: readonly string[],
  processors: object = {},
): Promise<SinkCollector> {
  const sink = await startOtlpReceiver();
  const overrides = {
    processors,
    exporters: { 'otlp_http/sink': { endpoint: sink.url, encoding: 'json' } },
    service: {
      pipelines: Object.fromEntries(pipelines.map((name) => [name, { exporters: ['otlp_http/sink'] }])),
    },
  };
  return { sink, collector: await startCollector({ ...options, overrides }) };
}
