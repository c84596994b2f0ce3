// Chat runs inside an application's own provider, 2.x, whose sampler drops all other spans.
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { AlwaysOffSampler, BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { ChatDebugInstrumentation, ErrorKindSampler } from 'opentelemetry-instrumentation-chatdebug';

const exporter = new OTLPTraceExporter({ url: `${process.env.APPLICATION_URL}/v1/traces` });
const chatDebug = new ChatDebugInstrumentation({ pipeline: 'app' });
const tracerProvider = new NodeTracerProvider({
  sampler: new ErrorKindSampler({}, new AlwaysOffSampler()),
  spanProcessors: [new BatchSpanProcessor(exporter)],
});
tracerProvider.register();
registerInstrumentations({ tracerProvider, instrumentations: [chatDebug] });

const tracer = trace.getTracer('application');
globalThis.inSpan = (act) => tracer.startActiveSpan('POST /chat', (span) => act().finally(() => span.end()));
globalThis.stopApplication = async () => {
  await chatDebug.forceFlush();
  await tracerProvider.shutdown();
};
