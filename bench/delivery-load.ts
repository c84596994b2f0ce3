import { setInterval } from 'node:timers/promises';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { SpanDelivery } from '../src/delivery/span-delivery.js';
import type { DeliveryStats } from '../src/delivery/stats.js';

export interface LoadSettings {
  readonly spans: number;
  /** Zero adds all of them at once. */
  readonly spansPerSecond: number;
}

export interface LoadResult {
  readonly offered: number;
  readonly stats: DeliveryStats;
  /** From the last span to the last delivery. */
  readonly drainMillis: number;
  readonly heapBefore: number;
  readonly highestHeap: number;
  readonly highestRss: number;
}

const PATIENCE_MILLIS = 90_000;
const TICK_MILLIS = 50;

/** As large as a failed step in errors mode. */
const ATTRIBUTES = {
  'gen_ai.conversation.id': 'c'.repeat(36),
  'chatdebug.run.id': 'r'.repeat(36),
  'chatdebug.error.message': 'e'.repeat(500),
  'chatdebug.error.kind': 'generic',
  'http.response.status_code': 500,
};

/** Adds spans to a delivery that sends to the endpoint of the environment. */
async function offer({ spans, spansPerSecond }: LoadSettings): Promise<LoadResult> {
  const delivery = new SpanDelivery();
  const tracer = new NodeTracerProvider({ spanProcessors: [delivery] }).getTracer('bench');
  const heapBefore = process.memoryUsage().heapUsed;
  let highestHeap = 0;
  let offered = 0;
  const write = (upTo: number): void => {
    for (; offered < Math.min(upTo, spans); offered++) {
      const span = tracer.startSpan('chat model', { attributes: ATTRIBUTES });
      for (let attempt = 0; attempt < 3; attempt++) span.addEvent('chatdebug.attempt', ATTRIBUTES);
      span.end();
    }
  };
  const start = performance.now();
  for await (const _ of setInterval(TICK_MILLIS)) {
    write(spansPerSecond === 0 ? spans : ((performance.now() - start) / 1_000) * spansPerSecond);
    highestHeap = Math.max(highestHeap, process.memoryUsage().heapUsed);
    if (offered === spans) break;
  }
  const end = performance.now();
  await delivery.forceFlush({ timeoutMillis: PATIENCE_MILLIS });
  const drainMillis = performance.now() - end;
  await delivery.shutdown();
  const highestRss = process.resourceUsage().maxRSS * 1_024;
  return { offered, stats: delivery.stats(), drainMillis, heapBefore, highestHeap, highestRss };
}

process.on('message', async () => {
  const settings = JSON.parse(process.argv[2] ?? '{}') as LoadSettings;
  process.send?.({ answer: await offer(settings) });
});
process.on('disconnect', () => process.exit());
