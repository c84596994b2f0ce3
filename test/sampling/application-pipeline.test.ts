import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
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
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
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

test("it hangs below the application's span, and other spans are sampled as its own sampler says", async () => {
  await start(1);
  const span = provider.getTracer('app').startSpan('request');
  await context.with(trace.setSpan(context.active(), span), failing);
  span.end();
  const [run] = await arrived();
  expect(run?.span).toMatchObject({
    traceId: span.spanContext().traceId,
    parentSpanId: span.spanContext().spanId,
  });
  expect(receiver.spans.map(({ name }) => name).sort()).toEqual(['chat m', 'chat_turn', 'request']);
});

test("below a span that is not sampled it is a root of its own, with a link and the lost parent's id", async () => {
  await start(0);
  const span = provider.getTracer('app').startSpan('request');
  const { traceId, spanId } = span.spanContext();
  await context.with(trace.setSpan(context.active(), span), failing);
  const [run] = await arrived();
  expect(run?.span).toMatchObject({ parentSpanId: undefined, links: [{ traceId, spanId }] });
  expect(run?.span?.attributes['chatdebug.parent_span_id']).toBe(spanId);
  expect(receiver.spans.every((one) => one.traceId === run?.traceId)).toBe(true);
});
