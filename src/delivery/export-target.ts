import type { ClientRequest } from 'node:http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { ExportOutcome } from './export-outcome.js';
import type { SpanExporter } from './exporter.js';
import { createGrpcExporter } from './grpc.js';
import { HttpTransport, OtlpHttpExporter, rejectedSpans } from './http-transport.js';
import { FOREIGN_EXPORT_TIMEOUT_MILLIS } from './options.js';
import { likelyCause, type OtlpEndpoint, readOtlpEndpoint, USER_AGENT } from './otlp-endpoint.js';
import { CallThrough, type SynchronousExport } from './synchronous-export.js';
import { WorkerExport } from './worker-export.js';

/** An exporter, and what the delivery knows of it beyond the interface. */
export interface ExportTarget {
  readonly exporter: SpanExporter;
  readonly defaultTimeoutMillis: number;
  /** The way out when the event loop no longer turns. */
  readonly synchronous: SynchronousExport;
  /** Whether this is a request of the exporter's; known of the one that is made here, not of the application's. */
  readonly sends?: (request: ClientRequest) => boolean;
  /** How many spans an answer that accepts rejects, by its body. */
  readonly rejected?: (body: Uint8Array) => number;
  /** Adds the likely cause to what the endpoint said. */
  readonly explain?: (outcome: ExportOutcome) => ExportOutcome;
  /** Closes its connections. */
  readonly abort?: () => void;
}

/** An exporter of the application's own keeps its own time limits, connections and tries. */
export function foreignTarget(exporter: SpanExporter): ExportTarget {
  return {
    exporter,
    defaultTimeoutMillis: FOREIGN_EXPORT_TIMEOUT_MILLIS,
    synchronous: new CallThrough(exporter),
  };
}

/**
 * The exporter tries again by itself, unseen, and its timer for that keeps the process alive; but never when
 * its time limit comes before its first try, which is 800 ms later at the earliest (1 s, less 20 %).
 */
const NO_TRIES_OF_ITS_OWN_MILLIS = 700;

/** What the variables ask for, with one request for each export. */
export function otlpTarget(env: NodeJS.ProcessEnv): ExportTarget {
  const endpoint = readOtlpEndpoint(env);
  return {
    ...(endpoint.protocol === 'grpc' ? overGrpc(endpoint) : overHttp(endpoint)),
    defaultTimeoutMillis: endpoint.timeoutMillis,
    synchronous: new WorkerExport(endpoint),
    explain: (outcome) => explained(outcome, endpoint),
  };
}

type Sender = Pick<ExportTarget, 'exporter' | 'sends' | 'rejected' | 'abort'>;

function overHttp(endpoint: OtlpEndpoint): Sender {
  const transport = new HttpTransport(endpoint);
  const host = hostOf(endpoint);
  return {
    exporter: httpExporter(endpoint, transport),
    // By what it says and not by its agent, which a package for proxies may have replaced.
    sends: (request) =>
      request.getHeader('host') === host && String(request.getHeader('user-agent')).startsWith(USER_AGENT),
    rejected: (body) => rejectedSpans(endpoint, body),
    abort: () => transport.destroy(),
  };
}

/** OpenTelemetry's sends JSON alone, and the standard headers always. */
function httpExporter(endpoint: OtlpEndpoint, transport: HttpTransport): SpanExporter {
  if (endpoint.protocol !== 'http/json' || endpoint.isOwn) return new OtlpHttpExporter(endpoint, transport);
  const { url, headers } = endpoint;
  const timeoutMillis = Math.min(NO_TRIES_OF_ITS_OWN_MILLIS, endpoint.timeoutMillis);
  const httpAgentOptions = () => transport.agent();
  return new OTLPTraceExporter({ url, headers, timeoutMillis, httpAgentOptions, userAgent: USER_AGENT });
}

/** Nothing of it is seen on Node's HTTP client, and its own time limit is that of the variables. */
function overGrpc(endpoint: OtlpEndpoint): Sender {
  return { exporter: createGrpcExporter(endpoint, USER_AGENT), sends: () => false };
}

/** What its requests say; a `host` among the headers is the user's. */
function hostOf({ url, headers }: OtlpEndpoint): string {
  const [, given] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host') ?? [];
  return given ?? new URL(url).host;
}

function explained(outcome: ExportOutcome, endpoint: OtlpEndpoint): ExportOutcome {
  if (outcome.kind !== 'refused' || outcome.status === undefined) return outcome;
  const cause = likelyCause(outcome.status, endpoint);
  return cause === undefined ? outcome : { ...outcome, detail: `${outcome.detail}: ${cause}` };
}
