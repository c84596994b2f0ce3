import type { Agent, ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { SpanExporter } from './exporter.js';
import { FOREIGN_EXPORT_TIMEOUT_MILLIS } from './options.js';
import { type OtlpEndpoint, readOtlpEndpoint, USER_AGENT } from './otlp-endpoint.js';
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

/** `OTLPTraceExporter`, as the `OTEL_EXPORTER_OTLP_*` variables say, with one try for each export. */
export function otlpTarget(env: NodeJS.ProcessEnv): ExportTarget {
  const endpoint = readOtlpEndpoint(env);
  let agent: Agent | undefined;
  const httpAgentOptions = async (protocol: string): Promise<Agent> => {
    agent = await unheldAgent(protocol, endpoint);
    return agent;
  };
  const host = hostOf(endpoint);
  const timeoutMillis = Math.min(NO_TRIES_OF_ITS_OWN_MILLIS, endpoint.timeoutMillis);
  return {
    exporter: new OTLPTraceExporter({ timeoutMillis, httpAgentOptions, userAgent: USER_AGENT }),
    defaultTimeoutMillis: endpoint.timeoutMillis,
    synchronous: new WorkerExport(endpoint),
    // By what it says and not by its agent, which a package for proxies may have replaced.
    sends: (request) =>
      request.getHeader('host') === host && String(request.getHeader('user-agent')).startsWith(USER_AGENT),
    abort: () => agent?.destroy(),
  };
}

/** What its requests say; a `host` among the headers is the user's. */
function hostOf({ url, headers }: OtlpEndpoint): string {
  const [, given] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host') ?? [];
  return given ?? new URL(url).host;
}

/** Connections that don't keep the process alive, however long the endpoint takes. */
async function unheldAgent(protocol: string, { tls }: OtlpEndpoint): Promise<Agent> {
  const agent =
    protocol === 'https:'
      ? new (await import('node:https')).Agent({ keepAlive: true, ...tls })
      : new (await import('node:http')).Agent({ keepAlive: true });
  const { createConnection, reuseSocket } = agent;
  agent.createConnection = (...args) => {
    const connection = createConnection.apply(agent, args);
    release(connection);
    // Each address that is tried for a name is a new handle.
    connection?.once('connect', () => release(connection));
    return connection;
  };
  agent.reuseSocket = (socket, request) => {
    reuseSocket.call(agent, socket, request);
    release(socket);
  };
  return agent;
}

function release(connection: (Duplex & { unref?: () => unknown }) | null | undefined): void {
  connection?.unref?.();
}
