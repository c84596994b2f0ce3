// Chat runs inside the application's own OpenTelemetry, 2.x or 3.x: whichever is installed.
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { ChatDebugInstrumentation, ErrorKindSampler } from 'opentelemetry-instrumentation-chatdebug';

const traceExporter = new OTLPTraceExporter({ url: `${process.env.APPLICATION_URL}/v1/traces` });
const chatDebug = new ChatDebugInstrumentation({ pipeline: 'app' });
const sdk = new NodeSDK({
  serviceName: 'application',
  traceExporter,
  sampler: new ErrorKindSampler(),
  instrumentations: [chatDebug],
});
sdk.start();

const tracer = trace.getTracer('application');
globalThis.inSpan = (act) => tracer.startActiveSpan('POST /chat', (span) => act().finally(() => span.end()));
globalThis.stopApplication = async () => {
  await chatDebug.forceFlush();
  await sdk.shutdown();
};
