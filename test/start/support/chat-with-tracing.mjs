/**
 * A chat application with its own tracing, selected by `TRACING`, and with recording, selected by `START`.
 * Prints the span context that was active when its first run started.
 */
import { context, trace } from '@opentelemetry/api';
import OpenAI from 'openai';

const { TRACING, START, PROVIDER_URL, APPLICATION_OTLP_URL } = process.env;
const recorder = START === 'absent' ? undefined : await import('opentelemetry-instrumentation-chatdebug');
const { withRun, withStep } = recorder ?? { withRun: (_, fn) => fn(), withStep: (_, fn) => fn() };

if (START === 'before') recorder.startChatDebug();
const stopTracing = await startTracing();
if (START === 'after') recorder.startChatDebug();

const client = new OpenAI({ apiKey: 'sk-none', baseURL: `${PROVIDER_URL}/v1`, maxRetries: 1 });
const question = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello?' }] };
const tracer = trace.getTracer('application');

await tracer.startActiveSpan('request', async (request) => {
  await tracer.startActiveSpan('turn', async (turn) => {
    console.log(JSON.stringify(trace.getSpanContext(context.active()) ?? null));
    await withRun({ chatId: 'in a span' }, () =>
      withStep({ operation: 'generate' }, () => client.chat.completions.create(question)),
    );
    turn.end();
  });
  await fetch(`${PROVIDER_URL}/outside-every-run`);
  request.end();
});

await withRun({ chatId: 'outside every span' }, () =>
  tracer.startActiveSpan('inside the run', async (span) => {
    await withStep({ operation: 'stream' }, async () => {
      const stream = await client.chat.completions.create({ ...question, stream: true });
      for await (const _ of stream) trace.getActiveSpan()?.addEvent('chunk');
    });
    span.end();
  }),
);
await stopTracing();

async function startTracing() {
  const chatDebug = START === 'instrumentation' ? [new recorder.ChatDebugInstrumentation()] : [];
  const { registerInstrumentations } = await import('@opentelemetry/instrumentation');
  if (TRACING === 'nothing') {
    registerInstrumentations({ instrumentations: chatDebug });
    return async () => {};
  }
  const { UndiciInstrumentation } = await import('@opentelemetry/instrumentation-undici');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const instrumentations = [new UndiciInstrumentation(), ...chatDebug];
  const traceExporter = new OTLPTraceExporter({ url: `${APPLICATION_OTLP_URL}/v1/traces` });
  if (TRACING === 'NodeSDK') {
    const { NodeSDK } = await import('@opentelemetry/sdk-node');
    const sdk = new NodeSDK({ serviceName: 'application', traceExporter, instrumentations });
    sdk.start();
    return () => sdk.shutdown();
  }
  const sdk = await import('@opentelemetry/sdk-trace-node');
  const Processor = TRACING === 'SimpleSpanProcessor' ? sdk.SimpleSpanProcessor : sdk.BatchSpanProcessor;
  const provider = new sdk.NodeTracerProvider({
    spanProcessors: [new Processor(traceExporter)],
    ...(TRACING === 'nothing sampled' ? { sampler: new sdk.TraceIdRatioBasedSampler(0) } : {}),
  });
  provider.register();
  registerInstrumentations({ instrumentations });
  return () => provider.shutdown();
}
