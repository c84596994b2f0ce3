import { DiagLogLevel, diag, type MeterProvider, metrics } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { ChatDebugInstrumentation, withRun, withStep } from '../../src/index.js';
import { IMPORT_REGISTER } from '../start/support/program.js';
import { runNode } from '../support/child.js';
import { collectMetrics } from '../support/metrics.js';
import { startProvider } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording | undefined;
afterEach(async () => {
  await recording?.stop();
  recording = undefined;
  metrics.disable();
  diag.disable();
});

const turn = () => withRun({}, () => withStep({ model: 'm' }, () => {}));
const broken = (): never => {
  throw new Error('the meter provider is broken');
};

test('a provider set after start-up is used from then on, and so is its successor', async () => {
  recording = await startRecording({ capture: 'errors', idleMillis: 400 });
  await turn();
  const first = collectMetrics();
  metrics.setGlobalMeterProvider(first.provider);
  await turn();
  expect(await first.count('chatdebug.runs')).toBe(1);
  expect(await first.points('chatdebug.live.runs')).toHaveLength(1);
  metrics.disable();
  await turn();
  const second = collectMetrics();
  metrics.setGlobalMeterProvider(second.provider);
  await turn();
  await turn();
  expect([await first.count('chatdebug.runs'), await second.count('chatdebug.runs')]).toEqual([1, 2]);
});

test('the instrumentation honours setMeterProvider over the global provider', async () => {
  const global = collectMetrics();
  metrics.setGlobalMeterProvider(global.provider);
  const own = collectMetrics();
  const exporter = { export: () => {}, shutdown: async () => {} };
  const instrumentation = new ChatDebugInstrumentation({ exporter });
  const unregister = registerInstrumentations({
    instrumentations: [instrumentation],
    meterProvider: own.provider,
  });
  await turn();
  expect([await own.count('chatdebug.runs'), await global.count('chatdebug.runs')]).toEqual([1, 0]);
  unregister();
});

test('a provider registered globally after registerInstrumentations is used, also the next one', async () => {
  const exporter = { export: () => {}, shutdown: async () => {} };
  const unregister = registerInstrumentations({
    instrumentations: [new ChatDebugInstrumentation({ exporter })],
  });
  const [first, second] = [collectMetrics(), collectMetrics()];
  metrics.setGlobalMeterProvider(first.provider);
  await turn();
  const counted = await first.count('chatdebug.runs');
  metrics.disable();
  metrics.setGlobalMeterProvider(second.provider);
  await turn();
  await turn();
  expect([counted, await second.count('chatdebug.runs')]).toEqual([1, 2]);
  unregister();
});

test('a meter that measures nothing is recognised by its instruments, from any copy of the API', async () => {
  const nothing = { add() {}, record() {}, addCallback() {}, removeCallback() {} };
  const created: string[] = [];
  const create = (name: string) => {
    created.push(name);
    return nothing;
  };
  const meter = new Proxy({}, { get: () => create });
  metrics.setGlobalMeterProvider({ getMeter: () => meter } as never);
  recording = await startRecording({ capture: 'errors' });
  await turn();
  await turn();
  expect(created).toEqual([
    'gen_ai.client.operation.duration',
    'gen_ai.client.operation.time_to_first_chunk',
    'gen_ai.client.operation.time_per_output_chunk',
  ]);
});

const meterOf = (methods: object): MeterProvider =>
  ({ getMeter: () => ({ ...collectMetrics().provider.getMeter('x'), ...methods }) }) as never;
const throwing = { add: broken, record: broken, addCallback: broken, removeCallback: broken };

test.each([
  ['throws', { getMeter: broken }],
  ['returns no meter', { getMeter: () => undefined }],
  ['returns a meter that throws', meterOf({ createHistogram: broken })],
  [
    'returns instruments that throw',
    meterOf({
      createHistogram: () => ({ ...throwing }),
      createCounter: () => throwing,
      createObservableUpDownCounter: () => throwing,
      createObservableCounter: () => throwing,
    }),
  ],
] as [string, MeterProvider][])('a meter provider that %s causes a warning', async (_, provider) => {
  const warnings: string[] = [];
  const quiet = () => {};
  const warn = (...said: unknown[]) => void warnings.push(said.join(' '));
  diag.setLogger({ error: quiet, warn, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.WARN);
  metrics.setGlobalMeterProvider(provider);
  recording = await startRecording();
  expect(turn()).toBeUndefined();
  expect(await recording.runs()).toMatchObject([{ status: 'completed', steps: [{ model: 'm' }] }]);
  expect(warnings.length).toBeLessThanOrEqual(3);
});

/** In a separate process: jest does not support how the OTLP exporter loads node:http. */
const APP = `
import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { withRun, withStep } from 'opentelemetry-instrumentation-chatdebug';

const exporter = new OTLPMetricExporter();
const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
metrics.setGlobalMeterProvider(provider);
withRun({}, () => withStep({ model: 'm' }, () => {}));
await provider.shutdown();
`;

test('over OTLP, started by register: names, units and scope arrive, and no request of the package is measured', async () => {
  const endpoint = await startProvider();
  endpoint.reply({ type: 'json', body: {} });
  const program = { source: APP, type: 'module' } as const;
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.url };
  expect(await runNode(program, { nodeOptions: IMPORT_REGISTER, env })).toMatchObject({
    code: 0,
    stderr: '',
  });
  const [scope] = JSON.parse(String(endpoint.requests[0]?.body)).resourceMetrics[0].scopeMetrics;
  expect(scope.scope.name).toBe('opentelemetry-instrumentation-chatdebug');
  const units = Object.fromEntries(scope.metrics.map(({ name, unit }: Named) => [name, unit]));
  expect(units).toMatchObject({ 'chatdebug.runs': '{run}', 'gen_ai.client.operation.duration': 's' });
  expect(endpoint.requests.map(({ path }) => path)).toEqual(['/v1/metrics']);
  await endpoint.close();
});

interface Named {
  readonly name: string;
  readonly unit: string;
}
