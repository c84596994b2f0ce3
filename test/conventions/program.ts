/**
 * Plays every outcome with `all` clients or `some`, as the argument says, in both captures and under both versions of
 * the conventions, with the application's metrics, and prints a line of JSON for each: the received data, and its
 * differences from the registry.
 */
import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { ERROR_KINDS } from '../../src/error/index.js';
import { type ChatDebugOptions, startChatDebug } from '../../src/index.js';
import { CLIENT_NAMES, SOME_CLIENTS } from '../outcomes/clients.js';
import { playAll } from '../outcomes/play.js';
import { SCENARIOS } from '../outcomes/scenarios.js';
import type { Version } from '../support/conventions/registry.js';
import { completionStream } from '../support/openai-replies.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { startProvider } from '../support/provider.js';

const OPT_INS: Readonly<Record<Version, string>> = {
  '1.41.0': '',
  development: 'gen_ai_latest_experimental',
};

const CLIENTS = process.argv[2] === 'all' ? CLIENT_NAMES : SOME_CLIENTS;

const CAPTURES = {
  full: { capture: 'full', attemptsAs: 'both', chunkMetrics: true },
  errors: {
    capture: 'errors',
    usageMetrics: true,
    keepKinds: ERROR_KINDS,
    // More calls fail in the same way here than errors capture would keep.
    ...{ keepPerFingerprint: 1_000, keepPerMinute: 10_000 },
  },
} as const satisfies Record<string, ChatDebugOptions>;

/** The data of one version in one capture. */
export interface Left {
  readonly version: Version;
  readonly capture: keyof typeof CAPTURES;
  readonly spans: number;
  /** Names of all attributes of spans and events. */
  readonly attributes: readonly string[];
  readonly metrics: readonly string[];
  readonly problems: readonly string[];
}

/** A stream whose second chunk is sent after the first was received: those of the outcomes may arrive in one. */
async function streamInTwoChunks(): Promise<void> {
  const provider = await startProvider();
  let received = () => {};
  const hasFirst = new Promise<void>((resolve) => {
    received = resolve;
  });
  provider.reply({
    ...completionStream('Hello there.'),
    before: async (index) => void (index === 1 && (await hasFirst)),
  });
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [], stream: true });
  const response = await fetch(`${provider.url}/v1/chat/completions`, { method: 'POST', body });
  for await (const _ of response.body ?? []) received();
  await provider.close();
}

async function perform(version: Version, capture: keyof typeof CAPTURES): Promise<Left> {
  process.env['OTEL_SEMCONV_STABILITY_OPT_IN'] = OPT_INS[version];
  const receiver = await startOtlpReceiver();
  const exporter = new OTLPMetricExporter({ url: `${receiver.url}/v1/metrics` });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  metrics.disable();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  const handle = startChatDebug({
    ...CAPTURES[capture],
    exporter: new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` }),
  });
  const played = await playAll(SCENARIOS, CLIENTS);
  await streamInTwoChunks();
  await handle.forceFlush();
  // The delivery is measured too, after it has delivered.
  await reader.forceFlush();
  await handle.shutdown();
  await reader.shutdown();
  await Promise.all(played.map(({ scene }) => scene.provider.close()));
  const { spans, metrics: received, problems } = receiver;
  const left = {
    ...{ version, capture, spans: spans.length },
    attributes: named(spans.flatMap((span) => [span, ...span.events].map(({ attributes }) => attributes))),
    metrics: [...new Set(received.map(({ name }) => name))].sort(),
    problems: [...problems],
  };
  problems.clear();
  await receiver.close();
  return left;
}

function named(all: readonly object[]): string[] {
  return [...new Set(all.flatMap((attributes) => Object.keys(attributes)))].sort();
}

async function main(): Promise<void> {
  for (const version of Object.keys(OPT_INS) as Version[])
    for (const capture of Object.keys(CAPTURES) as (keyof typeof CAPTURES)[])
      console.log(JSON.stringify(await perform(version, capture)));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
