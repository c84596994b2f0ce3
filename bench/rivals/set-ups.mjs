/**
 * Set-ups of the packages in the comparison: as their READMEs recommend, with the spans in batches to the
 * receiver that OTEL_EXPORTER_OTLP_ENDPOINT names, and defaults otherwise.
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

export const SET_UPS = {
  undici: async () => {
    const { UndiciInstrumentation } = await import('@opentelemetry/instrumentation-undici');
    return instrument(UndiciInstrumentation);
  },
  'otel-openai': async () => {
    const { OpenAIInstrumentation } = await import('@opentelemetry/instrumentation-openai');
    return instrument(OpenAIInstrumentation);
  },
  openllmetry: async () => {
    const { OpenAIInstrumentation } = await import('@traceloop/instrumentation-openai');
    return instrument(OpenAIInstrumentation);
  },
  openinference: async () => {
    const { OpenAIInstrumentation } = await import('@arizeai/openinference-instrumentation-openai');
    return instrument(OpenAIInstrumentation);
  },
  langfuse: async () => {
    const { observeOpenAI } = await import('@langfuse/openai');
    return { flush: trace(await toLangfuse()), client: (client) => observeOpenAI(client) };
  },
  'ai-telemetry': async () => ({ flush: trace(inBatches()), telemetry: { isEnabled: true } }),
  'ai-langfuse': async () => ({ flush: trace(await toLangfuse()), telemetry: { isEnabled: true } }),
};

/** @returns a function that sends all ended spans */
function trace(spanProcessor) {
  const provider = new NodeTracerProvider({ spanProcessors: [spanProcessor] });
  provider.register();
  return () => provider.forceFlush();
}

function inBatches() {
  return new BatchSpanProcessor(new OTLPTraceExporter());
}

async function instrument(Instrumentation) {
  const { registerInstrumentations } = await import('@opentelemetry/instrumentation');
  const flush = trace(inBatches());
  registerInstrumentations({ instrumentations: [new Instrumentation()] });
  return { flush };
}

/** Its processor has an exporter and batches of its own. */
async function toLangfuse() {
  const { LangfuseSpanProcessor } = await import('@langfuse/otel');
  return new LangfuseSpanProcessor({
    baseUrl: process.env.OTEL_EXPORTER_OTLP_ENDPOINT,
    publicKey: 'pk-lf-bench',
    secretKey: 'sk-lf-bench',
  });
}
