import { createRequire } from 'node:module';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { ExporterTransport, type KnownExporter } from './exporter-transport.js';
import { WorkerSender } from './last-delivery.js';
import type { SpanExporter } from './options.js';
import { HttpConnection, serializerOf } from './otlp-connection.js';
import {
  GRPC_EXPORTER,
  grpcExporterPath,
  likelyCause,
  type OtlpEndpoint,
  type OtlpProtocol,
  USER_AGENT,
} from './otlp-endpoint.js';
import {
  type ExporterComponent,
  type ExportOutcome,
  NO_ANSWER,
  outcomeOfThrow,
  type Sending,
  type Transport,
} from './transport.js';

/** Exports OTLP with an OpenTelemetry exporter if one supports the endpoint, and with one request per export. */
export class OtlpTransport implements Transport {
  readonly defaultTimeoutMillis: number;
  readonly awaitsBlocking = true;
  readonly exporter: ExporterComponent;
  readonly #sender: ExporterTransport;
  readonly #worker: WorkerSender;

  constructor(private readonly endpoint: OtlpEndpoint) {
    this.defaultTimeoutMillis = endpoint.timeoutMillis;
    this.exporter = componentOf(endpoint);
    this.#sender = endpoint.protocol === 'grpc' ? overGrpc(endpoint) : overHttp(endpoint);
    this.#worker = new WorkerSender(endpoint);
  }

  send(spans: ReadableSpan[], timeoutMillis: number): Sending {
    const { outcome, abort } = this.#sender.send(spans, timeoutMillis);
    return { outcome: outcome.then((what) => this.#explained(what)), abort };
  }

  sendBlocking(batches: readonly ReadableSpan[][], timeoutMillis: number): ExportOutcome[] {
    const bodies = batches.map((batch) => this.#serialised(batch));
    const outcomes = this.#worker.send(bodies.filter(isBody), timeoutMillis);
    return bodies.map((body) => (isBody(body) ? this.#explained(outcomes.shift() ?? NO_ANSWER) : body));
  }

  endBlocking(): void {
    this.#worker.close();
  }

  forceFlush(): Promise<void> {
    return this.#sender.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#sender.shutdown();
  }

  #serialised(batch: ReadableSpan[]): Uint8Array | ExportOutcome {
    try {
      return serializerOf(this.endpoint).serializeRequest(batch) ?? NO_ANSWER;
    } catch (error) {
      return outcomeOfThrow(error);
    }
  }

  #explained(outcome: ExportOutcome): ExportOutcome {
    if (outcome.kind !== 'refused' || outcome.status === undefined) return outcome;
    const cause = likelyCause(outcome.status, this.endpoint);
    return cause === undefined ? outcome : { ...outcome, detail: `${outcome.detail}: ${cause}` };
  }
}

const COMPONENTS: Readonly<Record<OtlpProtocol, string>> = {
  'http/json': 'otlp_http_json_span_exporter',
  'http/protobuf': 'otlp_http_span_exporter',
  grpc: 'otlp_grpc_span_exporter',
};

function componentOf({ protocol, url }: OtlpEndpoint): ExporterComponent {
  const { hostname, port, protocol: scheme } = new URL(url);
  const standard = scheme === 'https:' ? 443 : 80;
  return { type: COMPONENTS[protocol], address: hostname, port: Number(port) || standard };
}

function isBody(body: Uint8Array | ExportOutcome): body is Uint8Array {
  return body instanceof Uint8Array;
}

/**
 * OpenTelemetry's exporter has its own retries, whose timer keeps the process alive. It does not retry if its timeout
 * ends before the first retry, after at least 800 ms (1 s less 20 %).
 */
const NO_RETRY_TIMEOUT_MILLIS = 700;

function overHttp(endpoint: OtlpEndpoint): ExporterTransport {
  const connection = new HttpConnection(endpoint);
  const host = hostOf(endpoint);
  const known: KnownExporter = {
    // Compares headers, since a proxy package may have replaced the agent.
    sends: (request) =>
      request.getHeader('host') === host && String(request.getHeader('user-agent')).startsWith(USER_AGENT),
    rejected: (body) => rejectedSpans(endpoint, body),
    abort: () => connection.destroy(),
  };
  return new ExporterTransport(httpExporter(endpoint, connection), known);
}

/** OpenTelemetry's exporter, which sends JSON and always adds the standard headers. */
function httpExporter(endpoint: OtlpEndpoint, connection: HttpConnection): SpanExporter {
  if (endpoint.protocol !== 'http/json' || endpoint.isOwn) return new OtlpHttpExporter(endpoint, connection);
  const { url, headers } = endpoint;
  const timeoutMillis = Math.min(NO_RETRY_TIMEOUT_MILLIS, endpoint.timeoutMillis);
  const httpAgentOptions = () => connection.agent();
  return new OTLPTraceExporter({ url, headers, timeoutMillis, httpAgentOptions, userAgent: USER_AGENT });
}

/** Exports protobuf, and to `CHATDEBUG_OTLP_ENDPOINT`. */
class OtlpHttpExporter implements SpanExporter {
  constructor(
    private readonly endpoint: OtlpEndpoint,
    private readonly connection: HttpConnection,
  ) {}

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    const body = serializerOf(this.endpoint).serializeRequest(spans);
    void this.#send(body ?? new Uint8Array()).then(
      (status) => done(status < 300 ? { code: 0 } : { code: 1, error: failure(status) }),
      (error) => done({ code: 1, error }),
    );
  }

  async #send(body: Uint8Array): Promise<number> {
    const { head, end } = await this.connection.send(body);
    const { status } = await head;
    // The body of a successful response has the number of rejected spans.
    await end.catch(() => {});
    return status;
  }

  async shutdown(): Promise<void> {
    this.connection.destroy();
  }
}

function failure(status: number): Error {
  return Object.assign(new Error(`HTTP ${status}`), { code: status });
}

/** Returns the number of rejected spans in the body of a successful response, or 0 for an invalid body. */
function rejectedSpans(endpoint: OtlpEndpoint, body: Uint8Array): number {
  try {
    const { partialSuccess } = serializerOf(endpoint).deserializeResponse(body);
    const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}

/** A `host` header may be set by the user. */
function hostOf({ url, headers }: OtlpEndpoint): string {
  const [, given] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host') ?? [];
  return given ?? new URL(url).host;
}

/** The parts of `@grpc/grpc-js` that this package uses. */
interface Grpc {
  readonly Metadata: new () => { set(name: string, value: string): void };
  readonly credentials: {
    createInsecure(): unknown;
    createSsl(ca?: Buffer, key?: Buffer, cert?: Buffer): unknown;
  };
}

interface GrpcExporterModule {
  readonly OTLPTraceExporter: new (options: object) => SpanExporter;
}

/**
 * Uses the gRPC exporter. Its requests are not visible on the HTTP client of Node.js, and its timeout comes from the
 * variables.
 *
 * @throws if the package is not installed
 */
function overGrpc({ url, headers, gzip, tls, timeoutMillis }: OtlpEndpoint): ExporterTransport {
  const path = grpcExporterPath();
  if (path === undefined) throw new Error(`${GRPC_EXPORTER} is not installed`);
  const load = createRequire(path);
  const { OTLPTraceExporter: GrpcExporter } = load(path) as GrpcExporterModule;
  const grpcBase = load.resolve('@opentelemetry/otlp-grpc-exporter-base');
  const { Metadata, credentials } = createRequire(grpcBase)('@grpc/grpc-js') as Grpc;
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const exporter = new GrpcExporter({
    url,
    metadata,
    credentials: url.startsWith('https:')
      ? credentials.createSsl(tls.ca, ...(tls.key && tls.cert ? [tls.key, tls.cert] : []))
      : credentials.createInsecure(),
    compression: gzip ? 'gzip' : 'none',
    timeoutMillis,
    userAgent: USER_AGENT,
  });
  return new ExporterTransport(exporter, { sends: () => false });
}
