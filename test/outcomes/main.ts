import { setTimeout as sleep } from 'node:timers/promises';
import { metrics } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { type DataPoint, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { ERROR_KINDS } from '../../src/error/index.js';
import { type ChatDebugOptions, startChatDebug } from '../../src/index.js';
import { ATTR_ERROR_TYPE, METRIC_GEN_AI_CLIENT_OPERATION_DURATION } from '../../src/semconv.js';
import { text } from '../support/attributes.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { buildTree } from '../support/tree.js';
import { CLIENT_NAMES, CLIENTS, type ClientName, PROMPT } from './clients.js';
import { playAll } from './play.js';
import { type Recorded, recordedAt } from './recorded.js';
import { type Operation, type ScenarioSet, SETS } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import type { Seen } from './seen.js';

/** `bare` is without this package, for comparison. `all kinds` is errors capture that keeps every kind of error. */
export const MODES = ['bare', 'full', 'errors', 'all kinds'] as const;
export type Mode = (typeof MODES)[number];

/** The output of this program, a line each: first the calls, one per client, … */
export interface CallSeen {
  readonly mode: Mode;
  readonly scenario: string;
  readonly operation: Operation;
  readonly client: ClientName;
  /** By the application. */
  readonly seen: Seen;
  readonly recorded: Recorded;
}

/** … then the result of all calls that were made together. */
export interface ModeSeen {
  readonly mode: Mode;
  readonly set: ScenarioSet;
  /** The counters at the end. */
  readonly liveRuns: number;
  /** Unhandled rejections. */
  readonly unhandled: readonly string[];
  /** Whether the exported data contains part of the question. */
  readonly tellsPrompt: boolean;
  /** The number of steps by `error.type`, in the written spans and in the metric of durations. */
  readonly errorTypes: Readonly<Record<'spans' | 'metric', Readonly<Record<string, number>>>>;
}

const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));

/** More calls fail in the same way here than errors mode would keep. */
const KEEP_ALL = { keepPerFingerprint: 1_000, keepPerMinute: 10_000 };

const OPTIONS: Readonly<Record<Exclude<Mode, 'bare'>, ChatDebugOptions>> = {
  full: { capture: 'full' },
  errors: { capture: 'errors' },
  'all kinds': { capture: 'errors', keepKinds: ERROR_KINDS, errorText: 'full' },
};

async function perform(mode: Mode, set: ScenarioSet): Promise<void> {
  const receiver = await startOtlpReceiver();
  const reader = new Reader();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  const exporter = new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` });
  const handle =
    mode === 'bare' ? undefined : startChatDebug({ ...KEEP_ALL, ...SETS[set], ...OPTIONS[mode], exporter });
  const played = await playAll(SCENARIOS.filter((scenario) => (scenario.set ?? 'quick') === set));
  if (set === 'abandoned') await handle?.shutdown();
  else await handle?.forceFlush();
  const liveRuns = () => handle?.stats().liveRuns ?? 0;
  await until(() => liveRuns() === 0);
  const errorTypesOfMetric = countsOf(await callsIn(reader));
  metrics.disable();
  await handle?.shutdown();
  const runs = buildTree(receiver.spans);
  const errorTypes = {
    spans: countsOf(runs.flatMap(({ steps }) => steps.map(({ span }) => [text(span, ATTR_ERROR_TYPE), 1]))),
    metric: errorTypesOfMetric,
  };
  const tellsPrompt = String(receiver.bodies).includes(PROMPT);
  print({ mode, set, liveRuns: liveRuns(), unhandled, tellsPrompt, errorTypes });
  for (const { scenario, scene, seen } of played) {
    const { name: client, operation, provider, url } = scene;
    const recorded = recordedAt(url, runs, client, operation);
    print({ mode, scenario: scenario.name, operation, client, seen, recorded });
    await provider.close();
  }
  await receiver.close();
}

class Reader extends MetricReader {
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

type Counted = readonly [errorType: string | undefined, times: number];

async function callsIn(reader: Reader): Promise<readonly Counted[]> {
  const { resourceMetrics } = await reader.collect();
  const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  const durations = all.filter(
    ({ descriptor }) => descriptor.name === METRIC_GEN_AI_CLIENT_OPERATION_DURATION,
  );
  return durations.flatMap(({ dataPoints }) =>
    (dataPoints as DataPoint<Histogram>[]).map(
      ({ attributes, value }) => [attributes[ATTR_ERROR_TYPE] as string | undefined, value.count] as const,
    ),
  );
}

/** By `error.type`. Calls without one are under `none`. */
function countsOf(calls: readonly Counted[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [errorType = 'none', times] of calls) counts[errorType] = (counts[errorType] ?? 0) + times;
  return counts;
}

function print(line: CallSeen | ModeSeen): void {
  console.log(JSON.stringify(line));
}

async function until(met: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!met() && performance.now() < deadline) await sleep(10);
}

/** Exits as soon as every client, each with its own URL, has the first piece of a stream. */
async function endInTheMiddle(urls: readonly string[]): Promise<void> {
  startChatDebug({ capture: 'full' });
  const firstPieces = CLIENT_NAMES.map(async (name, index) => {
    const stream = await CLIENTS[name].stream({ url: urls[index] ?? '' });
    await stream[Symbol.asyncIterator]().next();
  });
  await Promise.all(firstPieces);
  process.exit();
}

async function main(): Promise<void> {
  for (const mode of MODES) {
    for (const set of Object.keys(SETS) as ScenarioSet[]) await perform(mode, set);
  }
  await endInTheMiddle(process.argv.slice(2));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
