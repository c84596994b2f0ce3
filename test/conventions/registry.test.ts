import * as semconv from '../../src/semconv.js';
import { knownProvider } from '../../src/wire/recognition/providers.js';
import {
  logProblems,
  type Metric,
  metricProblems,
  type Span,
  spanProblems,
} from '../support/conventions/problems.js';
import { registryOf, type Version } from '../support/conventions/registry.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { readPage, type Stated } from './markdown.js';

const VERSIONS: readonly Version[] = ['1.41.0', 'development'];
const constants = (prefix: string): string[] =>
  Object.entries(semconv).flatMap(([constant, name]) => (constant.startsWith(prefix) ? [name] : []));

test('each name of this package is its own or of a version of the conventions', () => {
  const registries = VERSIONS.map(registryOf);
  const unknown = (names: readonly string[], kind: 'attributes' | 'metrics') =>
    names.filter((name) => !registries.some((registry) => name in registry[kind]));
  expect(unknown(constants('ATTR_'), 'attributes')).toEqual([]);
  expect(unknown(constants('METRIC_'), 'metrics')).toEqual([]);
  expect(
    unknown(
      [...constants('PREFIX_')].map((prefix) => `${prefix}<key>`),
      'attributes',
    ),
  ).toEqual([]);
});

test('chatdebug.json has no unused name', () => {
  const { attributes, metrics } = registryOf('1.41.0');
  const written = new Set([...constants('ATTR_'), ...constants('METRIC_')]);
  const own = [...Object.keys(attributes), ...Object.keys(metrics)].filter((name) =>
    name.startsWith('chatdebug.'),
  );
  expect(own.filter((name) => !written.has(name))).toEqual([]);
});

const HOSTS: Readonly<Record<string, string>> = {
  anthropic: 'api.anthropic.com',
  'aws.bedrock': 'bedrock-runtime.eu-west-1.amazonaws.com',
  'azure.ai.inference': 'my.services.ai.azure.com/models/chat/completions',
  'azure.ai.openai': 'my.openai.azure.com',
  cohere: 'api.cohere.com',
  deepseek: 'api.deepseek.com',
  'gcp.gemini': 'generativelanguage.googleapis.com',
  'gcp.vertex_ai': 'europe-west1-aiplatform.googleapis.com',
  groq: 'api.groq.com',
  'ibm.watsonx.ai': 'eu-de.ml.cloud.ibm.com',
  mistral_ai: 'api.mistral.ai',
  moonshot_ai: 'api.moonshot.ai',
  openai: 'api.openai.com',
  perplexity: 'api.perplexity.ai',
  x_ai: 'api.x.ai',
};

test.each(VERSIONS)('%s: each provider of the registry is recognised by its host', (version) => {
  const providers = registryOf(version).attributes['gen_ai.provider.name']?.values ?? [];
  // `gcp.gen_ai` is for a Google endpoint that no host identifies.
  const known = providers.filter((name) => name !== 'gcp.gen_ai');
  expect(known.map((name) => knownProvider(new URL(`https://${HOSTS[name]}`)))).toEqual(known);
});

const scope = {
  name: 'opentelemetry-instrumentation-chatdebug',
  schemaUrl: 'https://opentelemetry.io/schemas/1.41.0',
};
const STEP: Span = {
  name: 'chat m',
  kind: 3,
  scope,
  attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'mine', 'chatdebug.step.number': 1 },
  events: [],
  status: { code: 0 },
};
const step = (attributes: object): Span => ({ ...STEP, attributes: { ...STEP.attributes, ...attributes } });
const event = (name: string, attributes: Span['attributes']): Span => ({
  ...STEP,
  events: [{ name, attributes }],
});

test.each<readonly [wrong: string, span: Span]>([
  [
    'gen_ai.usage.cache_write.input_tokens is not in the registry',
    step({ 'gen_ai.usage.cache_write.input_tokens': 1 }),
  ],
  ['chatdebug.step.mood is not in the registry', step({ 'chatdebug.step.mood': 'good' })],
  ['gen_ai.request.max_tokens is no int: 1.5', step({ 'gen_ai.request.max_tokens': 1.5 })],
  [
    'gen_ai.response.finish_reasons is no string[]: "stop"',
    step({ 'gen_ai.response.finish_reasons': 'stop' }),
  ],
  ['gen_ai.provider.name is missing', step({ 'gen_ai.provider.name': undefined })],
  [
    'chatdebug.step.status is none of in_progress, interrupted, error, completed: done',
    step({ 'chatdebug.step.status': 'done' }),
  ],
  ['has server.address without server.port', step({ 'server.address': 'a' })],
  ['is an error without error.type', { ...STEP, status: { code: 2 } }],
  ['is INTERNAL, and gen_ai.inference.client is CLIENT', { ...STEP, kind: 1 }],
  [
    'event chatdebug.attempt: http.request.header.A is no string[]: "a"',
    event('chatdebug.attempt', {
      'chatdebug.attempt.number': 1,
      'chatdebug.attempt.status': 'failed',
      'http.request.method': 'POST',
      'http.request.header.A': 'a',
    }),
  ],
  ['event chatdebug.try: is not in the registry', event('chatdebug.try', {})],
  ['event exception: exception.mood is not in the registry', event('exception', { 'exception.mood': 'bad' })],
])('a span has a problem: %s', (wrong, span) => {
  expect(spanProblems(span)).toEqual([`span "chat m" (1.41.0): ${wrong}`]);
});

test('a log record with an unregistered attribute has a problem', () => {
  const record = { eventName: 'gen_ai.client.operation.exception', scope };
  expect(logProblems({ ...record, attributes: { 'exception.type': 'A', 'chatdebug.run.id': 'r' } })).toEqual(
    [],
  );
  expect(logProblems({ ...record, attributes: { 'exception.mood': 'bad' } })).toEqual([
    'log record gen_ai.client.operation.exception (1.41.0): exception.mood is not in the registry',
  ]);
  const development = { ...record, scope: { name: scope.name }, attributes: {} };
  expect(logProblems(development)).toEqual([
    'log record gen_ai.client.operation.exception (development): is not in the registry',
  ]);
  expect(logProblems({ ...development, eventName: 'gen_ai.client.inference.exception' })).toEqual([]);
});

test('a span without problems, under the version of its scope', () => {
  expect(spanProblems(STEP)).toEqual([]);
  expect(spanProblems(step({ 'my.own': 1, 'gen_ai.request.top_k': 0.5 }))).toEqual([]);
  const attributes = { ...STEP.attributes, 'gen_ai.usage.cache_write.input_tokens': 1 };
  expect(spanProblems({ ...STEP, attributes, scope: { name: scope.name } })).toEqual([]);
  expect(spanProblems({ ...STEP, attributes: { 'gen_ai.mine': 1 }, scope: { name: 'other' } })).toEqual([]);
});

const USAGE: Metric = {
  name: 'gen_ai.client.token.usage',
  unit: '{token}',
  instrument: 'Histogram',
  scope,
  points: [
    {
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'mine',
        'gen_ai.token.type': 'input',
      },
      boundaries: registryOf('1.41.0').metrics['gen_ai.client.token.usage']?.boundaries ?? [],
    },
  ],
};
const [POINT] = USAGE.points;
const usage = (attributes: object): Metric => ({
  ...USAGE,
  points: [{ ...POINT, attributes: { ...POINT?.attributes, ...attributes } }],
});

test.each<readonly [wrong: string, metric: Metric]>([
  ['is not in the registry', { ...USAGE, name: 'gen_ai.client.inference.duration' }],
  ['unit s instead of {token}', { ...USAGE, unit: 's' }],
  ['instrument Counter instead of Histogram', { ...USAGE, instrument: 'Counter' }],
  ['gen_ai.token.type is missing', usage({ 'gen_ai.token.type': undefined })],
  ['gen_ai.token.type is none of input, output: other', usage({ 'gen_ai.token.type': 'other' })],
  ['error.type is not among its attributes', usage({ 'error.type': '500' })],
  ['mine is not among its attributes', usage({ mine: 1 })],
])('a metric has a problem: %s', (wrong, metric) => {
  expect(metricProblems(USAGE)).toEqual([]);
  expect(metricProblems(metric)).toEqual([`metric ${metric.name} (1.41.0): ${wrong}`]);
});

test('a histogram with other boundaries has a problem', () => {
  const points = [{ attributes: POINT?.attributes ?? {}, boundaries: [1, 2] }];
  expect(metricProblems({ ...USAGE, points })).toEqual([
    expect.stringContaining('boundaries 1,2 instead of 1,4,16,'),
  ]);
});

test('an OTLP receiver reports data that violates the conventions', async () => {
  const receiver = await startOtlpReceiver();
  const attributes = [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }];
  const span = {
    traceId: '1',
    spanId: '2',
    name: 'chat',
    kind: 3,
    startTimeUnixNano: 1,
    endTimeUnixNano: 2,
    attributes,
  };
  const sum = { isMonotonic: true, dataPoints: [{ asInt: 1 }] };
  const send = (path: string, body: object) =>
    fetch(receiver.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const { schemaUrl } = scope;
  await send('/v1/traces', { resourceSpans: [{ scopeSpans: [{ scope, schemaUrl, spans: [span] }] }] });
  await send('/v1/metrics', {
    resourceMetrics: [{ scopeMetrics: [{ scope, schemaUrl, metrics: [{ name: 'chatdebug.moods', sum }] }] }],
  });
  await expect(receiver.close()).rejects.toThrow(
    'not as the semantic conventions have it:\n' +
      'span "chat" (1.41.0): gen_ai.provider.name is missing\n' +
      'metric chatdebug.moods (1.41.0): is not in the registry',
  );
});

const PAGE = `
### Metric: \`a.duration\`

This metric SHOULD be specified with [ExplicitBucketBoundaries] of
[0.5, 1].

<!-- semconv metric.a.duration -->

| Name | Instrument Type | Unit (UCUM) | Description | Stability |
| -------- | --------------- | ----------- | -------------- | --------- |
| \`a.duration\` | Histogram | \`s\` | How long. | ![Stable](https://a/b) |

**Attributes:**

| Key | Stability | [Requirement Level](https://a/b) | Value Type | Description |
| --- | --- | --- | --- | --- |
| [\`a.kind\`](/a.md) | ![Stable](https://a/b) | \`Required\` | string | A kind. [1] |
| [\`a.port\`](/a.md) | ![Stable](https://a/b) | \`Conditionally Required\` If set. | int | A port. |

---

\`a.kind\` has the following list of well-known values. If one of them applies, then …

| Value | Description | Stability |
| --- | --- | --- |
| \`one\` | One | ![Stable](https://a/b) |
| \`two\` | Two | ![Stable](https://a/b) |

<!-- endsemconv -->

<!-- weaver .registry.spans[] | select(.type == "a.client") -->

**Span kind** SHOULD be \`CLIENT\`.

| Key | Stability | [Requirement Level](https://a/b) | Value Type | Description |
| --- | --- | --- | --- | --- |
| [\`a.list\`](/a.md) | ![Development](https://a/b) | \`Opt-In\` | string[] | A list. |
| [\`a.old\`](/a.md) | ![Deprecated](https://a/b) | \`Recommended\` | string | Old. |

<!-- endweaver -->
`;

test('the generator reads the tables of a page, with both forms of markers', () => {
  const stated: Stated = { attributes: {}, spans: {}, events: {}, metrics: {} };
  readPage(PAGE, stated);
  expect(stated).toEqual({
    attributes: {
      'a.kind': { type: 'string', values: ['one', 'two'] },
      'a.port': { type: 'int' },
      'a.list': { type: 'string[]' },
    },
    spans: { 'a.client': { kind: 'CLIENT', attributes: { 'a.list': 'opt-in', 'a.old': 'recommended' } } },
    events: {},
    metrics: {
      'a.duration': {
        instrument: 'Histogram',
        unit: 's',
        boundaries: [0.5, 1],
        attributes: { 'a.kind': 'required', 'a.port': 'conditionally required' },
      },
    },
  });
});
