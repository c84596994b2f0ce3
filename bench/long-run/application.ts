/**
 * The measured process: an application with the package started in it, whose users take turns. Run with
 * `--expose-gc`.
 */
import { subscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { getGlobalDispatcher } from 'undici';
import { Attempt } from '../../src/attempt/attempt.js';
import { type Capture, type ChatDebugHandle, startChatDebug } from '../../src/index.js';
import { RunRecord } from '../../src/run/run-record.js';
import { StepRecord } from '../../src/step/step-record.js';
import { Traffic } from './traffic.js';

export interface ApplicationSettings {
  readonly capture: Capture | 'bare';
  readonly provider: string;
  readonly collector: string;
  readonly minutes: number;
  readonly turnsPerSecond: number;
  readonly sampleMillis: number;
}

/** Memory after garbage collection, while the Collector is running and has received everything. */
export interface Sample {
  readonly seconds: number;
  readonly turns: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export interface Report {
  /** Turns by name. */
  readonly played: Readonly<Record<string, number>>;
  /** Turns that failed unexpectedly. */
  readonly wrong: readonly string[];
  /** Unhandled rejections. */
  readonly unhandled: readonly string[];
  /** The number of runs of these turns. */
  readonly runs: number;
  /** The number of requests to the provider. */
  readonly exchanges: number;
  /** The number of calls of `onKeep`. */
  readonly told: number;
  /** At the end of all turns, and after `shutdown()`. */
  readonly atRest: ReturnType<ChatDebugHandle['stats']> | undefined;
  readonly atEnd: ReturnType<ChatDebugHandle['stats']> | undefined;
  /** Runs, steps and attempts that are still in memory. */
  readonly records: number;
  /** Resources that keep the process alive, in addition to those before the start. */
  readonly open: readonly string[];
}

export type Message = { readonly sample: Sample } | { readonly report: Report };

/** Several in a row also free objects that wait for a turn of the event loop. */
const COLLECTIONS = 3;
/** Shorter than the default, since the simulated day is shorter: abandoned runs end within the measured time. */
const IDLE_MILLIS = 15_000;
const LINGER_MILLIS = 5_000;
const METRICS_MILLIS = 5_000;
const PACE_MILLIS = 50;
const LOOK_MILLIS = 250;
/** Failed calls wait 15 s at most for a retry, abandoned ones for as long as idle runs. */
const REST_MILLIS = 60_000;

const settings: ApplicationSettings = JSON.parse(process.argv[2] ?? '{}');
const tell = (message: Message, told?: () => void): void =>
  void process.send?.(message, undefined, undefined, told);
const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));

let told = 0;
let exchanges = 0;
const before = process.getActiveResourcesInfo();
const exporter = new OTLPMetricExporter({ url: `${settings.collector}/v1/metrics` });
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: METRICS_MILLIS });
const meterProvider = new MeterProvider({ readers: [reader] });
metrics.setGlobalMeterProvider(meterProvider);
process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = settings.collector;
const handle =
  settings.capture === 'bare'
    ? undefined
    : startChatDebug({
        capture: settings.capture,
        idleMillis: IDLE_MILLIS,
        lingerMillis: LINGER_MILLIS,
        onKeep: () => {
          told += 1;
        },
      });
countExchanges();

function countExchanges(): void {
  const { host } = new URL(settings.provider);
  subscribe('undici:request:create', (message) => {
    const { request } = message as { request: { origin: unknown } };
    if (String(request.origin) === settings.provider) exchanges += 1;
  });
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { request: { getHeader(name: string): unknown } };
    if (request.getHeader('host') === host) exchanges += 1;
  });
}

const traffic = new Traffic(settings.provider);

async function collectGarbage(): Promise<void> {
  for (let i = 0; i < COLLECTIONS; i += 1) {
    await new Promise(setImmediate);
    globalThis.gc?.();
  }
}

async function sample(startedAt: number): Promise<void> {
  const { turns, underWay } = traffic;
  const { queued = 0, inFlight = 0 } = handle?.stats().delivery ?? {};
  // At most as many as in a second: more would measure the machine or the Collector.
  if (Math.max(underWay, queued + inFlight) > 2 * settings.turnsPerSecond) return;
  await collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  const seconds = (performance.now() - startedAt) / 1_000;
  tell({ sample: { seconds, turns, heapBytes: heapUsed + external, rssBytes: rss } });
}

/** Begins turns at their time, regardless of whether earlier ones have ended. */
async function playAll(): Promise<void> {
  const startedAt = performance.now();
  const end = startedAt + settings.minutes * 60_000;
  let sampledAt = startedAt;
  for (let now = startedAt; now < end; now = performance.now()) {
    const due = ((now - startedAt) / 1_000) * settings.turnsPerSecond;
    while (traffic.turns < due) traffic.begin();
    if (now - sampledAt >= settings.sampleMillis) {
      sampledAt = now;
      await sample(startedAt);
    }
    await sleep(PACE_MILLIS);
  }
}

/** Waits until the condition holds or can no longer become true. */
async function until(met: () => boolean): Promise<void> {
  const deadline = performance.now() + REST_MILLIS;
  while (!met() && performance.now() < deadline) {
    await sleep(LOOK_MILLIS);
    await collectGarbage();
  }
}

/** After a garbage collection. */
function countRecords(): number {
  return [RunRecord, StepRecord, Attempt].reduce((sum, record) => sum + Number(queryObjects(record)), 0);
}

function openResources(): string[] {
  const left = [...before];
  return process.getActiveResourcesInfo().filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

async function main(): Promise<void> {
  await playAll();
  await until(() => traffic.underWay === 0);
  await until(() => (handle?.stats().liveRuns ?? 0) === 0);
  await handle?.forceFlush({ timeoutMillis: REST_MILLIS });
  const atRest = handle?.stats();
  await meterProvider.forceFlush();
  await handle?.shutdown();
  await meterProvider.shutdown();
  // Releases unread responses, as an application should at its end.
  await getGlobalDispatcher().destroy();
  await until(() => openResources().length === 0);
  const { played, wrong, runs } = traffic;
  const report = { played, wrong, unhandled, runs, exchanges, told, atRest, atEnd: handle?.stats() };
  tell({ report: { ...report, records: countRecords(), open: openResources() } }, () => process.disconnect());
}

void main();
