// Chat runs inside an application's own provider, 3.x, whose sampler drops all other spans.
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { AlwaysOffSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ChatDebugInstrumentation, ErrorKindSampler } from 'opentelemetry-instrumentation-chatdebug';

const exporter = new OTLPTraceExporter({ url: `${process.env.APPLICATION_URL}/v1/traces` });
const chatDebug = new ChatDebugInstrumentation({ pipeline: 'app' });
const tracerProvider = new TracerProvider({
  sampler: new ErrorKindSampler({}, new AlwaysOffSampler()),
  spanProcessors: [new BatchSpanProcessor({ exporter })],
});
trace.setGlobalTracerProvider(tracerProvider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
registerInstrumentations({ tracerProvider, instrumentations: [chatDebug] });

const tracer = trace.getTracer('application');
globalThis.inSpan = (act) => tracer.startActiveSpan('POST /chat', (span) => act().finally(() => span.end()));
globalThis.stopApplication = async () => {
  await chatDebug.forceFlush();
  await tracerProvider.shutdown();
};
