import { createOpenAI } from '@ai-sdk/openai';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BasicTracerProvider, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { streamText } from 'ai';
import { after } from 'next/server';
import {
  ChatDebugInstrumentation,
  recordedFetch,
  withRun,
} from 'opentelemetry-instrumentation-chatdebug/edge';

export const runtime = 'edge';

/** Nothing can be sent between requests: each request exports what has ended. */
const ended: ReadableSpan[] = [];
const processor: SpanProcessor = {
  onStart() {},
  onEnd: (span) => void ended.push(span),
  async forceFlush() {},
  async shutdown() {},
};
let recording: ChatDebugInstrumentation | undefined;

function start(): ChatDebugInstrumentation {
  const instrumentation = new ChatDebugInstrumentation({ pipeline: 'app' });
  // Not the global provider, which gets the spans of Next.js as well, also of the export.
  instrumentation.setTracerProvider(new BasicTracerProvider({ spanProcessors: [processor] }));
  return instrumentation;
}

async function deliver(): Promise<void> {
  await recording?.forceFlush();
  const spans = ended.splice(0);
  if (spans.length === 0) return;
  const exporter = new OTLPTraceExporter({ url: `${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces` });
  await new Promise((resolve) => exporter.export(spans, resolve));
}

/** A chat turn in the Edge Runtime. */
export async function POST(request: Request): Promise<Response> {
  recording ??= start();
  const { chatId, messages } = await request.json();
  return withRun({ chatId }, () => {
    after(deliver);
    const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL, fetch: recordedFetch(fetch) });
    const model = openai.chat('gpt-5-mini');
    return streamText({ model, messages, abortSignal: request.signal }).toUIMessageStreamResponse();
  });
}
