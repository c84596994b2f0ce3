import { type DiagLogger, diag } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { NodeTracerProvider, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-node';
import {
  ChatDebugInstrumentation,
  type ChatDebugOptions,
  ErrorKindSampler,
  withRun,
  withStep,
} from '../../src/index.js';
import { VERSION } from '../../src/version.js';
import { IMPORT_REGISTER, program } from '../start/support/program.js';
import { runNode } from '../support/child.js';
import { logProblems } from '../support/conventions/problems.js';
import { recordsIn } from '../support/otlp-logs.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';

const VARIABLE = 'OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN';
const OF_STEP = 'gen_ai.client.operation.exception';
const OF_RUN = 'chatdebug.run.exception';

let traces: OtlpReceiver;
let logsEndpoint: ScriptedProvider;
let loggers: LoggerProvider;
let instrumentation: ChatDebugInstrumentation | undefined;
let warnings: unknown[][];

beforeEach(async () => {
  [traces, logsEndpoint] = await Promise.all([startOtlpReceiver(), startProvider()]);
  logsEndpoint.reply({ type: 'json', body: {} });
  const exporter: LogRecordExporter = new OTLPLogExporter({ url: `${logsEndpoint.url}/v1/logs` });
  loggers = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] });
  warnings = [];
  const ignore = () => {};
  const warn = (...message: unknown[]) => warnings.push(message);
  const logger: DiagLogger = { error: ignore, warn, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger);
});
afterEach(async () => {
  instrumentation?.disable();
  logs.disable();
  diag.disable();
  await loggers.shutdown();
  await Promise.all([traces.close(), logsEndpoint.close()]);
  jest.restoreAllMocks();
});

/** Starts with the variable, and with this logger provider set on the instrumentation. */
function start(
  signal: string | undefined,
  loggerProvider: Parameters<typeof registerInstrumentations>[0]['loggerProvider'],
  options: ChatDebugOptions = {},
  variables: NodeJS.ProcessEnv = {},
): void {
  jest.replaceProperty(process, 'env', {
    ...process.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
    ...variables,
    ...(signal !== undefined && { [VARIABLE]: signal }),
  });
  instrumentation = new ChatDebugInstrumentation(options);
  registerInstrumentations({
    instrumentations: [instrumentation],
    ...(loggerProvider && { loggerProvider }),
  });
}

async function arrived() {
  await instrumentation?.forceFlush();
  await loggers.forceFlush();
  const records = logsEndpoint.requests.flatMap(({ body }) => recordsIn(body.toString()));
  const scoped = records.map(({ scope, schemaUrl, ...record }) => ({
    ...record,
    scope: { ...scope, schemaUrl },
  }));
  expect(scoped.flatMap(logProblems)).toEqual([]);
  const events = traces.spans.map(({ name, events }) => [name, events.map((event) => event.name)]);
  return { records, events: Object.fromEntries(events), spans: traces.spans };
}

const failing = (error: unknown = new TypeError('unexpected'), runId = 'r') =>
  withRun({ runId }, () => withStep({ model: 'm' }, () => Promise.reject(error))).catch(() => {});

// The first test, since a warning is given once in a minute.
test('without a logger provider exceptions stay on their spans, with one warning that names the variable', async () => {
  start('logs', undefined);
  await failing(undefined, 'first');
  await failing(undefined, 'second');
  const { spans } = await arrived();
  expect(spans.map(({ events }) => events.map(({ name }) => name))).toEqual(Array(4).fill(['exception']));
  expect(warnings).toEqual([[expect.any(String), expect.stringContaining(VARIABLE)]]);
});

test('logs: the exception is a log record with the ids of its span, once, and not an event', async () => {
  start('logs', loggers);
  await failing();
  const { records, events, spans } = await arrived();
  expect(events).toEqual({ 'chat m': [], invoke_workflow: [] });
  const step = spans.find(({ name }) => name === 'chat m');
  expect(records).toEqual([
    {
      scope: { name: 'opentelemetry-instrumentation-chatdebug', version: VERSION },
      schemaUrl: 'https://opentelemetry.io/schemas/1.41.0',
      eventName: OF_STEP,
      severityNumber: 13,
      severityText: 'WARN',
      traceId: step?.traceId,
      spanId: step?.spanId,
      flags: 1,
      timeUnixNano: String(step?.endTimeUnixNano),
      observedTimeUnixNano: expect.any(String),
      droppedAttributesCount: 0,
      body: {},
      attributes: {
        'exception.type': 'TypeError',
        'exception.message': 'unexpected',
        'exception.stacktrace': expect.stringMatching(/^ {4}at /),
      },
    },
  ]);
  expect(step?.status.code).toBe(2);
  expect(warnings).toEqual([]);
});

test('logs, with the names under development: the event name is that of an inference', async () => {
  start('logs', loggers, {}, { OTEL_SEMCONV_STABILITY_OPT_IN: 'gen_ai_latest_experimental' });
  await failing();
  const { records } = await arrived();
  expect(records.map(({ eventName, schemaUrl }) => [eventName, schemaUrl])).toEqual([
    ['gen_ai.client.inference.exception', undefined],
  ]);
});

test('logs/dup: as a log record and as an event', async () => {
  start('logs/dup', loggers);
  await failing();
  const { records, events } = await arrived();
  expect(events).toEqual({ 'chat m': ['exception'], invoke_workflow: ['exception'] });
  expect(records.map(({ eventName }) => eventName)).toEqual([OF_STEP]);
});

test.each([undefined, ''])('by default (%s) as an event only', async (signal) => {
  start(signal, loggers);
  await failing();
  const { records, events } = await arrived();
  expect(events).toEqual({ 'chat m': ['exception'], invoke_workflow: ['exception'] });
  expect(records).toEqual([]);
});

test('another value is a warning at start-up, and means the default', async () => {
  const emitWarning = jest.spyOn(process, 'emitWarning').mockReturnValue();
  start('log', loggers);
  expect(emitWarning.mock.calls.map(([message]) => message)).toEqual([
    `Ignored ${VARIABLE} "log": expected logs or logs/dup`,
  ]);
  await failing();
  expect((await arrived()).events).toMatchObject({ 'chat m': ['exception'] });
});

test('an error of the run itself is a record of the run', async () => {
  start('logs', loggers);
  await withRun({}, () => Promise.reject(new Error('outside of any call'))).catch(() => {});
  const { records, spans } = await arrived();
  expect(records).toMatchObject([{ eventName: OF_RUN, spanId: spans[0]?.spanId }]);
});

test('the same error is written again for another run, and not for the outer run', async () => {
  start('logs', loggers);
  const error = new TypeError('always the same');
  await failing(error, 'first');
  await withRun({ runId: 'around' }, async () => {
    await withRun({ runId: 'inside' }, () => withStep({ model: 'm' }, () => Promise.reject(error)));
  }).catch(() => {});
  const { records, spans } = await arrived();
  expect(spans).toHaveLength(5);
  expect(records.map(({ eventName }) => eventName)).toEqual([OF_STEP, OF_STEP]);
});

test('errors capture: only exceptions of kept runs are exported, without quotations', async () => {
  start('logs', loggers);
  await failing(new TypeError('unexpected "PRIVATE words"'));
  await withRun({}, () => withStep({}, () => Promise.reject(new DOMException('', 'AbortError')))).catch(
    () => {},
  );
  const { records } = await arrived();
  expect(records.map(({ attributes }) => attributes['exception.message'])).toEqual([
    'unexpected […15 characters]',
  ]);
});

test('full capture: message and stack are whole, redacted', async () => {
  start('logs', loggers, { capture: 'full' });
  await failing(new TypeError('failed "with" Bearer abcdefghij0123456789abcdefghij'));
  const { records } = await arrived();
  expect(records[0]?.attributes['exception.message']).toBe('failed "with" Bearer [REDACTED]');
  expect(records[0]?.attributes['exception.stacktrace']).toMatch(
    /^TypeError: failed "with" Bearer \[REDACTED\]\n {4}at /,
  );
});

test('the global logger provider is found, also if it is registered after the first failure', async () => {
  start('logs', undefined);
  await failing(undefined, 'too early');
  expect((await arrived()).events).toMatchObject({ 'chat m': ['exception'] });
  logs.setGlobalLoggerProvider(loggers);
  await failing();
  const { records } = await arrived();
  expect(records.map(({ eventName }) => eventName)).toEqual([OF_STEP]);
});

test('exceptions stay on their spans if the logger is disabled, throws, or cannot be queried', async () => {
  const emit = jest.fn();
  const broken = () => {
    throw new Error('broken');
  };
  const providers = [
    { getLogger: () => ({ emit, enabled: () => false }) },
    { getLogger: () => ({ emit }) },
    { getLogger: () => ({ emit: broken, enabled: () => true }) },
    { getLogger: broken },
  ];
  for (const provider of providers) {
    start('logs', loggers);
    instrumentation?.setLoggerProvider(provider);
    await failing();
    await instrumentation?.forceFlush();
    instrumentation?.disable();
    jest.restoreAllMocks();
  }
  const { spans } = await arrived();
  expect(spans.map(({ events }) => events.map(({ name }) => name))).toEqual(Array(8).fill(['exception']));
  expect(emit).not.toHaveBeenCalled();
});

test("pipeline 'app': only for spans that the application's sampler keeps", async () => {
  const started = async (sampler: ConstructorParameters<typeof NodeTracerProvider>[0]) => {
    const provider = new NodeTracerProvider(sampler);
    start('logs', loggers, { pipeline: 'app' });
    instrumentation?.setTracerProvider(provider);
    await failing();
    const { records } = await arrived();
    instrumentation?.disable();
    jest.restoreAllMocks();
    await provider.shutdown();
    return records.length;
  };
  const dropsAll = new TraceIdRatioBasedSampler(0);
  expect(await started({ sampler: dropsAll })).toBe(0);
  expect(await started({ sampler: new ErrorKindSampler({}, dropsAll) })).toBe(1);
});

test('the installed package, under register, finds the logs of a NodeSDK', async () => {
  const app = program(`
    const { NodeSDK, logs } = await import('@opentelemetry/sdk-node');
    const { OTLPLogExporter } = await import('@opentelemetry/exporter-logs-otlp-http');
    const exporter = new OTLPLogExporter({ url: process.env.LOGS_URL });
    const sdk = new NodeSDK({ logRecordProcessors: [new logs.BatchLogRecordProcessor({ exporter })] });
    sdk.start();
    await withRun({}, () => withStep({}, () => Promise.reject(new TypeError('unexpected')))).catch(() => {});
    await chatDebug().forceFlush();
    await sdk.shutdown();
  `);
  const env = {
    LOGS_URL: `${logsEndpoint.url}/v1/logs`,
    OTEL_TRACES_EXPORTER: 'none',
    CHATDEBUG_OTLP_ENDPOINT: traces.url,
    [VARIABLE]: 'logs',
  };
  const ended = await runNode(app, { nodeOptions: IMPORT_REGISTER, env });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const records = logsEndpoint.requests.flatMap(({ body }) => recordsIn(body.toString()));
  expect(records.map(({ eventName }) => eventName)).toEqual([OF_STEP]);
  expect(traces.spans.flatMap(({ events }) => events)).toEqual([]);
});
