// All instrumentations of OpenTelemetry, 2.x or 3.x: whichever is installed. Variables set the endpoint.
import { trace } from '@opentelemetry/api';
import '@opentelemetry/auto-instrumentations-node/register';

const tracer = trace.getTracer('application');
globalThis.inSpan = (act) => tracer.startActiveSpan('POST /chat', (span) => act().finally(() => span.end()));
globalThis.stopApplication = () => trace.getTracerProvider().getDelegate().forceFlush();
