import { jaegerRuns, type KeptRuns, tempoRuns } from '../../../src/query/index.js';
import { findTempo } from '../programs/built.js';
import { type Collector, startCollector } from './collector.js';
import { type Jaeger, startJaeger } from './jaeger.js';
import { startTempo, type Tempo } from './tempo.js';

/** The unchanged `collector-config.yaml`, with a real Jaeger and, if available, a real Tempo behind it. */
export interface Pipeline {
  readonly collector: Collector;
  readonly jaeger: Jaeger;
  readonly tempo: Tempo | undefined;
  /** Queries the store for the runs of this service. */
  ask(store: Store, service: string): KeptRuns;
}

export type Store = 'Jaeger' | 'Tempo';

/** The stores that are available on this machine. */
export const STORES: readonly Store[] = findTempo() === undefined ? ['Jaeger'] : ['Jaeger', 'Tempo'];

/** Nothing listens there. */
const NOWHERE = '127.0.0.1:9';

export async function startPipeline(): Promise<Pipeline> {
  const [jaeger, tempo] = await Promise.all([startJaeger(), startTempo()]);
  const env = { JAEGER_ENDPOINT: jaeger.otlp, TEMPO_ENDPOINT: tempo?.otlp ?? NOWHERE };
  const collector = await startCollector({ config: 'collector-config.yaml', env });
  return {
    collector,
    jaeger,
    tempo,
    ask: (store, service) =>
      store === 'Jaeger' || tempo === undefined
        ? jaegerRuns({ endpoint: jaeger.url, service })
        : tempoRuns({ endpoint: tempo.url }),
  };
}
