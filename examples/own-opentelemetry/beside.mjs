// Beside the application's own tracing, which does not mention chat runs. Recording is enabled from outside:
//   node --import opentelemetry-instrumentation-chatdebug/register beside.mjs
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { takeTurns } from './turns.mjs';

const url = `${process.env.APPLICATION_OTLP_URL}/v1/traces`;
const sdk = new NodeSDK({ serviceName: 'chat-server', traceExporter: new OTLPTraceExporter({ url }) });
sdk.start();

await takeTurns();
await sdk.shutdown();
