// Inside the application's own tracing: its sampler, processors and exporter also receive the spans of chat runs.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler } from '@opentelemetry/sdk-trace-node';
import { ChatDebugInstrumentation, ErrorKindSampler } from 'opentelemetry-instrumentation-chatdebug';
import { takeTurns } from './turns.mjs';

const url = `${process.env.APPLICATION_OTLP_URL}/v1/traces`;
const itsOwnSampler = new AlwaysOnSampler();
const chatDebug = new ChatDebugInstrumentation({ pipeline: 'app' });
const sdk = new NodeSDK({
  serviceName: 'chat-server',
  traceExporter: new OTLPTraceExporter({ url }),
  sampler: new ErrorKindSampler({}, itsOwnSampler),
  instrumentations: [chatDebug],
});
sdk.start();

await takeTurns();
await chatDebug.forceFlush(); // Writes the ended runs as spans before the SDK shuts down.
await sdk.shutdown();
