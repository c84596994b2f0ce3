import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import OpenAI from 'openai';
import { parse } from 'yaml';
import { startChatDebug, withRun } from '../../src/index.js';
import { codeBlocks, read } from '../docs/pages.js';
import { prometheusLabel, prometheusNames, selectedBy } from '../support/conventions/prometheus.js';
import { registryOf, type Version } from '../support/conventions/registry.js';
import { completion, completionStream } from '../support/openai-replies.js';
import { startProvider } from '../support/provider.js';
import { BROKEN } from './support/application.js';
import { type Collector, startCollector } from './support/collector.js';
import { freeAddresses, stopAllPrograms } from './support/program.js';
import { until } from './support/until.js';

const OPT_IN = 'OTEL_SEMCONV_STABILITY_OPT_IN';
const OPT_INS = { '1.41.0': '', development: 'gen_ai_latest_experimental' } as const satisfies Record<
  Version,
  string
>;
const USAGE = {
  prompt_tokens: 20,
  completion_tokens: 10,
  total_tokens: 30,
  prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 4 },
};
const REQUEST = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }] };

/** The labels of each metric that Prometheus scrapes from the Collector with `examples/collector/metrics.yaml`. */
const scraped = new Map<Version, ReadonlyMap<string, ReadonlySet<string>>>();

beforeAll(async () => {
  const [prometheus = ''] = await freeAddresses(1);
  const overlay = parse(read('examples/collector/metrics.yaml'));
  overlay.exporters.prometheus.endpoint = prometheus;
  const collector = await startCollector({ config: 'collector-config.yaml', overrides: overlay });
  for (const version of Object.keys(OPT_INS) as Version[]) {
    await measure(collector, version);
    scraped.set(version, await scrape(`http://${prometheus}/metrics`, version));
  }
});
afterAll(async () => {
  delete process.env[OPT_IN];
  metrics.disable();
  await stopAllPrograms();
});

/** An application whose service is named after the version: responses, a stream, a failure, and a delivery. */
async function measure({ url }: Collector, version: Version): Promise<void> {
  process.env[OPT_IN] = OPT_INS[version];
  const exporter = new OTLPMetricExporter({ url: `${url}/v1/metrics` });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const resource = resourceFromAttributes({ 'service.name': version });
  metrics.disable();
  metrics.setGlobalMeterProvider(new MeterProvider({ resource, readers: [reader] }));
  const provider = await startProvider();
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${provider.url}/v1`, maxRetries: 0 });
  const handle = startChatDebug({
    capture: 'full',
    chunkMetrics: true,
    exporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }),
  });
  provider.reply(
    completion('Hello.', { usage: USAGE }),
    completionStream('Hello.', { delayMillis: 10 }),
    BROKEN,
    completion('.'),
  );
  await openai.chat.completions.create(REQUEST);
  for await (const _ of await openai.chat.completions.create({ ...REQUEST, stream: true }));
  await openai.chat.completions.create(REQUEST).catch(() => {});
  // There is no evidence to keep it.
  await withRun({ capture: 'errors' }, async () => {
    await openai.chat.completions.create(REQUEST);
  });
  await handle.forceFlush();
  await reader.forceFlush();
  await handle.shutdown();
  await provider.close();
  await reader.shutdown();
}

/** The metrics of one service, once they have arrived. */
async function scrape(url: string, version: Version): Promise<Map<string, Set<string>>> {
  const labels = new Map<string, Set<string>>();
  await until(async () => {
    for (const line of (await (await fetch(url)).text()).split('\n')) {
      const [, name = '', list = ''] = /^(\w+)\{(.*)\} /.exec(line) ?? [];
      if (!list.includes(`job="${version}"`)) continue;
      const known = labels.get(name) ?? new Set();
      for (const [, label = ''] of list.matchAll(/(\w+)="/g)) known.add(label);
      labels.set(name, known);
    }
    return labels.size > 0;
  }, url);
  return labels;
}

// Nothing is lost here.
const NOT_MEASURED = ['chatdebug.delivery.lost'];

test.each(Object.keys(OPT_INS) as Version[])(
  '%s: Prometheus names and labels are those documented',
  (version) => {
    const found = scraped.get(version) ?? new Map();
    const stated = Object.entries(registryOf(version).metrics).filter(
      ([name]) => !NOT_MEASURED.includes(name),
    );
    const missing = stated
      .flatMap(([name, metric]) => prometheusNames(name, metric))
      .filter((name) => !found.has(name));
    expect(missing).toEqual([]);
    const expected = new Set(stated.flatMap(([name, metric]) => prometheusNames(name, metric)));
    const ours = [...found.keys()].filter((name) => /^(chatdebug|gen_ai|otel)_/.test(name));
    expect(ours.filter((name) => !expected.has(name))).toEqual([]);
    for (const [name, metric] of stated)
      for (const stated of prometheusNames(name, metric)) {
        const allowed = ['le', 'job', 'instance', ...Object.keys(metric.attributes).map(prometheusLabel)];
        const labels = [...(found.get(stated) ?? [])].filter((label) => !label.startsWith('otel_scope_'));
        expect([stated, labels.filter((label) => !allowed.includes(label))]).toEqual([stated, []]);
      }
  },
);

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}
const { panels }: Dashboard = JSON.parse(read('examples/collector/metrics.dashboard.json'));
const QUERIES = [
  ...codeBlocks('promql', read('docs/metrics-prometheus.md')).map((query) => query.trim()),
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
];

test.each(QUERIES.filter((query) => !query.includes('delivery_lost')))(
  '%s has results, with its labels',
  (query) => {
    const { metrics, labels } = selectedBy(query);
    for (const name of metrics) {
      const found = [...scraped.values()]
        .map((metrics) => metrics.get(name))
        .find((known) => known !== undefined);
      expect([name, found === undefined]).toEqual([name, false]);
      expect([name, labels.filter((label) => !found?.has(label))]).toEqual([name, []]);
    }
  },
);
