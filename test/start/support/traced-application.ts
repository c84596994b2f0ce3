import { join } from 'node:path';
import type { SpanContext } from '@opentelemetry/api';
import { type Ended, runNode } from '../../support/child.js';
import { completion, completionStream } from '../../support/openai-replies.js';
import { type ReceivedSpan, startOtlpReceiver } from '../../support/otlp-receiver.js';
import { type ReceivedRequest, startProvider } from '../../support/provider.js';

/** The application's own tracing. */
export type Tracing =
  | 'nothing'
  | 'nothing sampled'
  | 'NodeSDK'
  | 'SimpleSpanProcessor'
  | 'BatchSpanProcessor';

/** How this package is started: not at all, in code before or after the application's tracing, … */
export type Start = 'absent' | 'before' | 'after' | 'register' | 'instrumentation';

export interface TracedApplication {
  readonly ended: Ended;
  /** The export of the application, without values that differ between processes. */
  readonly exported: readonly object[];
  /** The requests at the provider, with the referent of their `traceparent`. */
  readonly requested: readonly object[];
  readonly spanIds: ReadonlySet<string>;
  /** The active context when the run `in a span` was started. */
  readonly active: SpanContext | undefined;
  /** The spans delivered by this package. */
  readonly ours: readonly ReceivedSpan[];
}

export async function runTracedApplication(tracing: Tracing, start: Start): Promise<TracedApplication> {
  const [provider, application, ours] = await Promise.all([
    startProvider(),
    startOtlpReceiver(),
    startOtlpReceiver(),
  ]);
  const failed = { type: 'json', status: 503, body: {}, headers: { 'retry-after-ms': '1' } } as const;
  const unrelated = { type: 'text', body: 'ok' } as const;
  provider.reply(failed, completion('Hello.'), unrelated, completionStream('Hello again.'));
  const env = {
    TRACING: tracing,
    START: start,
    PROVIDER_URL: provider.url,
    APPLICATION_OTLP_URL: application.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: ours.url,
    CHATDEBUG_CAPTURE: 'full',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  };
  const register = ['--import', 'opentelemetry-instrumentation-chatdebug/register'];
  const nodeOptions = start === 'register' ? register : [];
  try {
    const ended = await runNode([join(__dirname, 'chat-with-tracing.mjs')], { env, nodeOptions });
    const { port } = new URL(provider.url);
    return {
      ended,
      exported: outline(application.spans, port),
      requested: requestOutline(provider.requests, application.spans),
      spanIds: new Set(application.spans.map(({ spanId }) => spanId)),
      active: ended.code === 0 ? (JSON.parse(ended.stdout) ?? undefined) : undefined,
      ours: ours.spans,
    };
  } finally {
    await Promise.all([provider.close(), application.close(), ours.close()]);
  }
}

/** Sorted, since spans that start within one millisecond arrive in any order. */
function outline(spans: readonly ReceivedSpan[], port: string): object[] {
  const rootOf = ({ traceId }: ReceivedSpan) =>
    spans.find((span) => span.traceId === traceId && span.parentSpanId === undefined)?.name;
  const outlines = spans.map((span) => ({
    name: span.name,
    kind: span.kind,
    root: rootOf(span),
    parent: nameOf(span.parentSpanId, spans),
    attributes: withoutPort(span.attributes, port),
    events: span.events.map(({ name, attributes }) => ({ name, attributes })),
    links: span.links.length,
    status: span.status,
    dropped: span.droppedAttributesCount + span.droppedEventsCount,
    scope: span.scope,
    resource: Object.entries(span.resource).filter(([name]) => !/^(process|host)\./.test(name)),
  }));
  const keys = new Map(outlines.map((outline) => [outline, JSON.stringify(outline)]));
  return outlines.sort((a, b) => String(keys.get(a)).localeCompare(String(keys.get(b))));
}

function requestOutline(requests: readonly ReceivedRequest[], spans: readonly ReceivedSpan[]): object[] {
  const traces: (string | undefined)[] = [];
  return requests.map(({ method, path, headers }) => {
    const [version, traceId, spanId, flags] = String(headers['traceparent'] ?? '').split('-');
    if (!traces.includes(traceId)) traces.push(traceId);
    const parent = nameOf(spanId, spans);
    const names = Object.keys(headers).sort();
    return { method, path, names, version, trace: traces.indexOf(traceId), parent, flags };
  });
}

function nameOf(spanId: string | undefined, spans: readonly ReceivedSpan[]): string | undefined {
  return spanId && (spans.find((span) => span.spanId === spanId)?.name ?? 'not exported');
}

function withoutPort(attributes: Record<string, unknown>, port: string): object {
  return JSON.parse(JSON.stringify(attributes).replaceAll(port, '1'));
}
