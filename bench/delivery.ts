import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointQuestion, Fault, Received } from './delivery-endpoint.js';
import type { LoadResult, LoadSettings } from './delivery-load.js';
import { startPeer } from './schedule.js';

/**
 * Measures lost spans and memory during a fault of the endpoint: 100 spans a second for 40 seconds, with a fault from
 * the 10th to the 30th second, and a burst of 5,000 spans without a fault. All cases run at the same time, in separate
 * processes: `npx tsx bench/delivery.ts`.
 */
const FAULTS: readonly Fault[] = ['none', '503', 'refused', 'hang', '429'];
const FAULT_FROM_MILLIS = 10_000;
const FAULT_MILLIS = 20_000;
const STEADY: LoadSettings = { spans: 4_000, spansPerSecond: 100 };
const BURST: LoadSettings = { spans: 5_000, spansPerSecond: 0 };

const TSX = ['--require', 'tsx/cjs'];

interface Row extends LoadResult {
  readonly name: string;
  readonly received: Received;
}

async function measure(name: string, fault: Fault, settings: LoadSettings): Promise<Row> {
  const endpoint = startPeer('delivery-endpoint.ts', { execArgv: TSX });
  const tell = <Answer>(question: EndpointQuestion) => endpoint.ask<Answer>(question);
  const url = await tell<string>({ ask: 'url' });
  const load = startPeer('delivery-load.ts', {
    execArgv: TSX,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url },
    settings,
  });
  const offered = load.ask<LoadResult>({});
  if (fault !== 'none') {
    await sleep(FAULT_FROM_MILLIS);
    await tell({ ask: 'fault', fault });
    await sleep(FAULT_MILLIS);
    await tell({ ask: 'fault', fault: 'none' });
  }
  const result = await offered;
  const received = await tell<Received>({ ask: 'received' });
  await Promise.all([endpoint.stop(), load.stop()]);
  return { name, ...result, received };
}

const mebibytes = (bytes: number): string => (bytes / 1_024 / 1_024).toFixed(1);

async function main(): Promise<void> {
  const rows = await Promise.all([
    ...FAULTS.map((fault) => measure(fault === 'none' ? 'in order' : `20 s of ${fault}`, fault, STEADY)),
    measure('burst', 'none', BURST),
  ]);
  console.table(
    Object.fromEntries(
      rows.map(({ name, offered, stats, received, drainMillis, heapBefore, highestHeap, highestRss }) => [
        name,
        {
          offered,
          exported: stats.exported,
          lost: JSON.stringify(stats.lost),
          received: received.spans,
          duplicates: received.duplicates,
          requests: received.requests,
          'drained after (s)': (drainMillis / 1_000).toFixed(1),
          'heap, before (MiB)': mebibytes(heapBefore),
          'heap, highest (MiB)': mebibytes(highestHeap),
          'RSS, highest (MiB)': mebibytes(highestRss),
        },
      ]),
    ),
  );
}

void main();
