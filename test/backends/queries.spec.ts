import { read } from '../docs/pages.js';
import { startNode } from '../support/child.js';
import { SERVICE } from './support/application.js';
import { runDemo } from './support/demo.js';
import { type Pipeline, STORES, startPipeline } from './support/pipeline.js';
import { stopAllPrograms } from './support/program.js';
import { flag, list, number, sendSpan, text } from './support/raw-span.js';
import { until } from './support/until.js';

const page = read('docs/search.md');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\\n\`\`\``, 'gs'))].map(([, query = '']) => query);

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
  const { url } = pipeline.collector;
  await runDemo({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SERVICE_NAME: SERVICE, CHATDEBUG_CAPTURE: 'full' });
  // Not in the demo: a turn saved by another model, a slow stream, a cache, names under development, an attempt as a
  // span, and a secret that was not redacted.
  await sendSpan(url, {
    traceId: '1'.repeat(32),
    spanId: '1'.repeat(16),
    attributes: [
      text('chatdebug.run.status', 'completed'),
      flag('chatdebug.run.has_error', true),
      number('gen_ai.response.time_to_first_chunk', 7),
      number('gen_ai.usage.cache_creation.input_tokens', 3),
      number('gen_ai.usage.cache_write.input_tokens', 3),
      list('gen_ai.response.finish_reasons', 'error'),
      number('chatdebug.attempt.number', 3),
      text('a', `Bearer ${'abcd1234'.repeat(4)}`),
    ],
  });
});
afterAll(stopAllPrograms);

interface Answer {
  readonly data?: unknown[];
  readonly traces?: unknown[];
  readonly series?: unknown[];
}

/** Repeats the query until it has a result. */
const finds = (
  url: string,
  found: (answer: { data?: unknown[]; traces?: unknown[]; series?: unknown[] }) => unknown,
) =>
  until(async () => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return found((await answer.json()) as Answer);
  }, url);

test.each(blocks('jaeger'))('Jaeger finds %s', async (tags) => {
  const asked = JSON.stringify(Object.fromEntries(tags.split(' ').map((tag) => tag.split('='))));
  const url = `${pipeline.jaeger.url}/api/traces?service=${SERVICE}&tags=${encodeURIComponent(asked)}`;
  await finds(url, ({ data = [] }) => data.length > 0);
});

if (STORES.includes('Tempo')) {
  const last = () => `start=${Math.floor(Date.now() / 1_000) - 600}&end=${Math.floor(Date.now() / 1_000)}`;

  test.each(blocks('traceql'))('Tempo finds %s', async (query) => {
    const url = `${pipeline.tempo?.url}/api/search?q=${encodeURIComponent(query)}`;
    await finds(url, ({ traces = [] }) => traces.length > 0);
  });

  const dashboard: { panels: { targets: { query: string }[] }[] } = JSON.parse(
    read('examples/collector/kept-runs.dashboard.json'),
  );
  const shown = dashboard.panels.flatMap(({ targets }) => targets.map(({ query }) => query));
  const counted = [
    ...blocks('traceql-metrics'),
    ...shown.filter((query) => query.includes('count_over_time')),
  ];
  test.each(counted)('Tempo counts %s', async (query) => {
    const url = `${pipeline.tempo?.url}/api/metrics/query_range?q=${encodeURIComponent(query)}&${last()}&step=60s`;
    await finds(url, ({ series = [] }) => series.length > 0);
  });

  test.each(shown.filter((query) => !query.includes('count_over_time')))('Tempo finds %s', async (query) => {
    const url = `${pipeline.tempo?.url}/api/search?q=${encodeURIComponent(query)}`;
    await finds(url, ({ traces = [] }) => traces.length > 0);
  });
}

test("the routes of the example's Debug tab", async () => {
  const env = { JAEGER: pipeline.jaeger.url, SERVICE, PORT: '0' };
  const app = startNode(['examples/collector/debug-tab.mjs'], { env });
  const url = (await app.line('http://')).replace('/chats/ID/debug', '');
  const ask = async (path: string) => {
    const answer = await fetch(url + path);
    return [answer.status, await answer.json()];
  };
  expect(await ask('/chats/travel-1/debug')).toEqual([200, { show: true }]);
  expect(await ask('/chats/travel%2F2/debug')).toEqual([200, { show: false }]);
  expect(await ask('/chats/travel-1/debug/runs')).toMatchObject([200, { runs: [{}, {}, {}, {}] }]);
  expect(await ask('/chats/%/debug')).toMatchObject([503, {}]);
  app.kill();
  await app.ended;
});
