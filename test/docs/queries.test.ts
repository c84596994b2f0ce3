import { prometheusLabel, prometheusNames, selectedBy } from '../support/conventions/prometheus.js';
import { registryOf, type Version } from '../support/conventions/registry.js';
import { codeBlocks, read } from './pages.js';

const REGISTRIES = (['1.41.0', 'development'] satisfies Version[]).map(registryOf);

interface Dashboard {
  readonly panels: readonly {
    readonly targets: readonly { readonly query?: string; readonly expr?: string }[];
  }[];
}

const targets = (file: string) => {
  const { panels }: Dashboard = JSON.parse(read(`examples/collector/${file}`));
  return panels.flatMap((panel) => panel.targets.map(({ query, expr }) => query ?? expr ?? ''));
};

const page = read('docs/search.md');
const TRACES = [
  ...['traceql', 'traceql-metrics', 'jaeger'].flatMap((language) => codeBlocks(language, page)),
  ...targets('kept-runs.dashboard.json'),
].map((query) => query.trim());

// Written by the Collector.
const MASKED = 'redaction.masked.count';

test.each(TRACES)('%s: the package writes its attributes', (query) => {
  const names = [
    ...query.matchAll(/\b(?:span|event)\.([a-z_.]+)/g),
    ...query.matchAll(/(?:^| )((?:gen_ai|chatdebug)[a-z_.]+)=/g),
  ].map(([, name = '']) => name);
  expect(names).not.toHaveLength(0);
  const written = (name: string) => REGISTRIES.some(({ attributes }) => name in attributes);
  expect(names.filter((name) => name !== MASKED && !written(name))).toEqual([]);
});

/** The labels of each metric in Prometheus. */
const LABELS: ReadonlyMap<string, readonly string[]> = new Map(
  REGISTRIES.flatMap(({ metrics }) =>
    Object.entries(metrics).flatMap(([name, metric]) =>
      prometheusNames(name, metric).map((stated) => [
        stated,
        ['le', ...Object.keys(metric.attributes).map(prometheusLabel)],
      ]),
    ),
  ),
);

const PROMETHEUS = read('docs/metrics-prometheus.md');
test.each([...codeBlocks('promql', PROMETHEUS), ...targets('metrics.dashboard.json')])(
  '%s: the package writes its metrics and labels',
  (query) => {
    const { metrics, labels } = selectedBy(query);
    expect(metrics).not.toHaveLength(0);
    expect(metrics.filter((name) => !LABELS.has(name))).toEqual([]);
    for (const name of metrics)
      expect(labels.filter((label) => !LABELS.get(name)?.includes(label))).toEqual([]);
  },
);

test('the names of docs/metrics-prometheus.md are those of metrics', () => {
  const named = [...PROMETHEUS.matchAll(/`((?:gen_ai_client|chatdebug|otel_sdk)_\w+)`/g)].map(
    ([, name = '']) => name,
  );
  const known = (name: string) => LABELS.has(name) || LABELS.has(`${name}_count`);
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((name) => !known(name))).toEqual([]);
});

test('a panel of model calls has a query for each version', () => {
  const { panels }: Dashboard = JSON.parse(read('examples/collector/metrics.dashboard.json'));
  const calls = panels.map(({ targets }) => targets.map(({ expr = '' }) => expr).join('\n'));
  const of = (version: RegExp) => calls.filter((all) => version.test(all)).length;
  expect(of(/gen_ai_client_(operation|token)_/)).toBeGreaterThan(5);
  // One more: version 1.41.0 has no metric of cached tokens.
  expect(of(/gen_ai_client_inference_/)).toBe(of(/gen_ai_client_(operation|token)_/) + 1);
});
