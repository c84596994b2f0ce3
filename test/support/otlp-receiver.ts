import { gunzipSync } from 'node:zlib';
import { metricProblems, spanProblems } from './conventions/problems.js';
import { decodeTraces, type ReceivedSpan } from './otlp-json.js';
import { decodeMetrics, type ReceivedMetric } from './otlp-metrics.js';
import { type ReceivedRequest, type Reply, type Route, startProvider } from './provider.js';

export type { ReceivedEvent, ReceivedSpan } from './otlp-json.js';

export interface OtlpReceiver {
  /** The base URL, for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** The accepted spans in order of arrival, without duplicates: delivery is at least once. */
  readonly spans: readonly ReceivedSpan[];
  /** With duplicates. */
  readonly metrics: readonly ReceivedMetric[];
  /** The number of duplicate spans, by their ids. */
  repeated(): number;
  /** Every received body, accepted or not, decompressed. */
  readonly bodies: readonly Buffer[];
  readonly requests: readonly ReceivedRequest[];
  /** Rejects with the received spans if they have not arrived in time (default: 30 s, for a busy machine). */
  waitForSpans(enough: number | Enough, timeoutMillis?: number): Promise<ReceivedSpan[]>;
  /**
   * Replaces the default response: refuses, waits, hangs or sends slowly. The spans of a request are kept if the
   * status of the response is 2xx. Returning `undefined` accepts, and no argument accepts all from now on.
   */
  respond(handler?: Route): void;
  /** How the spans of this package differ from the semantic conventions. A test that violates them on purpose clears it. */
  readonly problems: Set<string>;
  /** Rejects if there are problems. */
  close(): Promise<void>;
}

export type Enough = (spans: readonly ReceivedSpan[]) => boolean;

const ACCEPTED: Reply = { type: 'json', body: { partialSuccess: {} } };

/** An OTLP/HTTP receiver on loopback: `POST /v1/traces` and `POST /v1/metrics`, JSON. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const server = await startProvider();
  const spans: ReceivedSpan[] = [];
  const metrics: ReceivedMetric[] = [];
  const problems = new Set<string>();
  const ids = new Set<string>();
  let repeated = 0;
  const bodies: Buffer[] = [];
  const waiting = new Set<() => void>();
  let handler: Route = () => undefined;

  server.route(async (request) => {
    if (request.method !== 'POST' || !/^\/v1\/(traces|metrics)$/.test(request.path)) return undefined;
    if (!request.headers['content-type']?.startsWith('application/json')) return refused(415, 'not JSON');
    let received: ReceivedSpan[];
    try {
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(request.body) : request.body;
      if (request.path === '/v1/metrics') {
        const received = decodeMetrics(body.toString());
        for (const problem of received.flatMap(metricProblems)) problems.add(problem);
        metrics.push(...received);
        return ACCEPTED;
      }
      bodies.push(body);
      received = decodeTraces(body.toString());
      for (const problem of received.flatMap(spanProblems)) problems.add(problem);
    } catch (error) {
      return refused(400, String(error));
    }
    const reply = (await handler(request)) ?? ACCEPTED;
    if (accepts(reply)) {
      for (const span of received) {
        const id = `${span.traceId} ${span.spanId}`;
        if (ids.has(id)) repeated++;
        else spans.push(span);
        ids.add(id);
      }
      for (const look of waiting) look();
    }
    return reply;
  });

  return {
    url: server.url,
    spans,
    metrics,
    repeated: () => repeated,
    bodies,
    requests: server.requests,
    problems,
    respond: (next = () => undefined) => {
      handler = next;
    },
    waitForSpans: (wanted, timeoutMillis = 30_000) =>
      new Promise((resolve, reject) => {
        const enough: Enough = typeof wanted === 'number' ? (all) => all.length >= wanted : wanted;
        const look = () => {
          if (!enough(spans)) return;
          stopWaiting();
          resolve([...spans]);
        };
        const timer = setTimeout(() => {
          stopWaiting();
          const names = spans.map((span) => span.name).join(', ') || 'none';
          reject(new Error(`the awaited spans did not come within ${timeoutMillis} ms; these did: ${names}`));
        }, timeoutMillis);
        const stopWaiting = () => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    close: async () => {
      await server.close();
      if (problems.size > 0)
        throw new Error(`not as the semantic conventions have it:\n${[...problems].join('\n')}`);
    },
  };
}

function accepts(reply: Reply): boolean {
  return reply.type !== 'cut' && reply.type !== 'hang' && Math.floor((reply.status ?? 200) / 100) === 2;
}

function refused(status: number, message: string): Reply {
  return { type: 'json', status, body: { code: 3, message } };
}
