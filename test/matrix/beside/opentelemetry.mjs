// An application's own OpenTelemetry, 2.x or 3.x: whichever is installed.
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';

const traceExporter = new OTLPTraceExporter({ url: `${process.env.APPLICATION_URL}/v1/traces` });
const sdk = new NodeSDK({ serviceName: 'application', traceExporter });
sdk.start();

const tracer = trace.getTracer('application');
globalThis.inSpan = (act) => tracer.startActiveSpan('POST /chat', (span) => act().finally(() => span.end()));
globalThis.stopApplication = () => sdk.shutdown();
