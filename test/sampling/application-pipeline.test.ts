import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import {
  ChatDebugInstrumentation,
  type ChatDebugOptions,
  ErrorKindSampler,
  withRun,
  withStep,
} from '../../src/index.js';
import { openaiError } from '../support/openai-replies.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type ScriptedProvider, startProvider } from '../support/provider.js';
import { buildTree } from '../support/tree.js';

let receiver: OtlpReceiver;
let provider: NodeTracerProvider;
let instrumentation: ChatDebugInstrumentation;

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

async function start(ratio: number, options: ChatDebugOptions = {}) {
  receiver = await startOtlpReceiver();
  provider = new NodeTracerProvider({
    sampler: new ErrorKindSampler(options, new TraceIdRatioBasedSampler(ratio)),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` }))],
  });
  instrumentation = new ChatDebugInstrumentation({ pipeline: 'app', ...options });
  instrumentation.setTracerProvider(provider);
}
afterEach(async () => {
  instrumentation.disable();
  await provider.shutdown();
  await receiver.close();
});

const failing = () =>
  withRun({ runId: 'kept' }, async () => {
    await withStep({ model: 'm' }, () => Promise.reject(new Error('unexpected'))).catch(() => {});
  });
const arrived = async () => {
  await instrumentation.forceFlush();
  return buildTree(receiver.spans);
};

test("a kept run goes through the application's provider, with its resource and exporter", async () => {
  await start(0);
  await failing();
  await withRun({ runId: 'healthy' }, () => withStep({}, async () => {}));
  expect(await arrived()).toMatchObject([
    { id: 'kept', steps: [{ status: 'error', error: { kind: 'generic' } }] },
  ]);
});

test('the global provider is found behind its proxy, and flushed', async () => {
  await start(0);
  trace.setGlobalTracerProvider(provider);
  const global = new ChatDebugInstrumentation({ pipeline: 'app', enabled: false });
  instrumentation.disable();
  global.enable();
  await failing();
  await global.forceFlush();
  global.disable();
  trace.disable();
  expect(buildTree(receiver.spans)).toMatchObject([{ id: 'kept' }]);
});

test('a provider set later gets everything written from then on', async () => {
  await start(0);
  await failing();
  expect(await arrived()).toMatchObject([{ id: 'kept' }]);
  const second = await startOtlpReceiver();
  const exporter = new OTLPTraceExporter({ url: `${second.url}/v1/traces` });
  const next = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  instrumentation.setTracerProvider(next);
  await failing();
  await instrumentation.forceFlush();
  expect([buildTree(receiver.spans).length, buildTree(second.spans)]).toMatchObject([1, [{ id: 'kept' }]]);
  await Promise.all([next.shutdown(), second.close()]);
});

test('registered before any provider, it writes to the global one', async () => {
  await start(0);
  instrumentation.disable();
  const early = new ChatDebugInstrumentation({ pipeline: 'app' });
  const unregister = registerInstrumentations({ instrumentations: [early] });
  trace.setGlobalTracerProvider(provider);
  await failing();
  await early.forceFlush();
  unregister();
  trace.disable();
  expect(buildTree(receiver.spans)).toMatchObject([{ id: 'kept' }]);
});

test("it is below the application's span, and other spans are sampled by their own sampler", async () => {
  await start(1);
  const span = provider.getTracer('app').startSpan('request');
  await context.with(trace.setSpan(context.active(), span), failing);
  span.end();
  const [run] = await arrived();
  expect(run?.span).toMatchObject({
    traceId: span.spanContext().traceId,
    parentSpanId: span.spanContext().spanId,
  });
  expect(receiver.spans.map(({ name }) => name).sort()).toEqual(['chat m', 'invoke_workflow', 'request']);
});

test("below an unsampled span it is a root, with a link and the lost parent's id", async () => {
  await start(0);
  const span = provider.getTracer('app').startSpan('request');
  const { traceId, spanId } = span.spanContext();
  await context.with(trace.setSpan(context.active(), span), failing);
  const [run] = await arrived();
  expect(run?.span).toMatchObject({ parentSpanId: undefined, links: [{ traceId, spanId }] });
  expect(run?.span?.attributes['chatdebug.parent_span_id']).toBe(spanId);
  expect(receiver.spans.every((one) => one.traceId === run?.traceId)).toBe(true);
});

describe('attempts as spans', () => {
  let server: ScriptedProvider;
  beforeEach(async () => {
    server = await startProvider();
    server.reply(openaiError(500, null, 'server_error', 'Something broke'));
  });
  afterEach(() => server.close());

  const twoTries = (runId: string) =>
    withRun({ runId }, () =>
      withStep({ model: 'm' }, async () => {
        for (let i = 0; i < 2; i++) await (await fetch(`${server.url}/v1/chat/completions`)).text();
        throw new Error('unexpected');
      }),
    ).catch(() => {});

  test("are kept with their step by the application's sampler, and use its provider", async () => {
    await start(0, { attemptsAs: 'spans' });
    await twoTries('kept');
    const [run] = await arrived();
    const [step] = run?.steps ?? [];
    expect(step?.attempts.map(({ span }) => [span?.name, span?.parentSpanId, span?.traceId])).toEqual(
      Array(2).fill(['GET', step?.span.spanId, step?.span.traceId]),
    );
  });

  test('are dropped with a step that the sampler drops', async () => {
    receiver = await startOtlpReceiver();
    provider = new NodeTracerProvider({
      sampler: new TraceIdRatioBasedSampler(0),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` }))],
    });
    instrumentation = new ChatDebugInstrumentation({ pipeline: 'app', attemptsAs: 'spans' });
    instrumentation.setTracerProvider(provider);
    await twoTries('dropped');
    expect(await arrived()).toEqual([]);
  });
});
