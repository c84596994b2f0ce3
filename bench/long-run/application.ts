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

/** Memory after garbage collection, at a moment when the Collector is there and has taken everything. */
export interface Sample {
  readonly seconds: number;
  readonly turns: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export interface Report {
  /** Turns by name. */
  readonly played: Readonly<Record<string, number>>;
  /** Turns that should have succeeded, and did not. */
  readonly wrong: readonly string[];
  /** Rejections that nobody handled. */
  readonly unhandled: readonly string[];
  /** Runs that these turns are. */
  readonly runs: number;
  /** Requests that were made of the provider. */
  readonly exchanges: number;
  /** How often `onKeep` was told of a run. */
  readonly told: number;
  /** When all was over, and after `shutdown()`. */
  readonly atRest: ReturnType<ChatDebugHandle['stats']> | undefined;
  readonly atEnd: ReturnType<ChatDebugHandle['stats']> | undefined;
  /** Runs, steps and attempts that are still in memory. */
  readonly records: number;
  /** What keeps the process alive beyond what did before the start. */
  readonly open: readonly string[];
}

export type Message = { readonly sample: Sample } | { readonly report: Report };

/** Of several in a row, so that what waits for a turn of the event loop goes too. */
const COLLECTIONS = 3;
/** Shorter than by default, as the day is: a run that nobody ends is given up within the time measured. */
const IDLE_MILLIS = 15_000;
const LINGER_MILLIS = 5_000;
const METRICS_MILLIS = 5_000;
const PACE_MILLIS = 50;
const LOOK_MILLIS = 250;
/** Failed calls wait for another try, 15 s at most, and what nobody ends for as long as idle ones may. */
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
  // As many as a second brings: more are the machine's doing, or the Collector's.
  if (Math.max(underWay, queued + inFlight) > 2 * settings.turnsPerSecond) return;
  await collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  const seconds = (performance.now() - startedAt) / 1_000;
  tell({ sample: { seconds, turns, heapBytes: heapUsed + external, rssBytes: rss } });
}

/** Begins turns at their time, whether or not the ones before are over. */
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

/** Until what is looked for is so, or can't be expected any more. */
async function until(met: () => boolean): Promise<void> {
  const deadline = performance.now() + REST_MILLIS;
  while (!met() && performance.now() < deadline) {
    await sleep(LOOK_MILLIS);
    await collectGarbage();
  }
}

/** After a collection of its own. */
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
  // As an application that ends should: what it has left unread is given up.
  await getGlobalDispatcher().destroy();
  await until(() => openResources().length === 0);
  const { played, wrong, runs } = traffic;
  const report = { played, wrong, unhandled, runs, exchanges, told, atRest, atEnd: handle?.stats() };
  tell({ report: { ...report, records: countRecords(), open: openResources() } }, () => process.disconnect());
}

void main();
