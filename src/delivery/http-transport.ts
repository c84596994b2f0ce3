import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { SpanExporter } from './exporter.js';
import { type OtlpEndpoint, requestHeaders } from './otlp-endpoint.js';

/** The serializer of a protocol; gRPC has the messages of protobuf. */
export function serializerOf({ protocol }: Pick<OtlpEndpoint, 'protocol'>) {
  return protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
}

/** How many spans the endpoint did not keep, by the body of an answer that accepts; 0 for any other bytes. */
export function rejectedSpans(endpoint: Pick<OtlpEndpoint, 'protocol'>, body: Uint8Array): number {
  try {
    const rejected = Number(
      serializerOf(endpoint).deserializeResponse(body).partialSuccess?.rejectedSpans ?? 0,
    );
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** One request under way. */
export interface Sending {
  /** Resolves when the head of the answer has come, rejects where none will. */
  readonly head: Promise<HttpAnswer>;
  /** Resolves when the body of the answer has ended too. */
  readonly end: Promise<void>;
}

/** Sends OTLP over HTTP: one request for each call, without redirects or tries of its own. */
export class HttpTransport {
  #agent: Promise<Agent> | undefined;

  constructor(private readonly endpoint: OtlpEndpoint) {}

  /** The connections, which don't keep the process alive, however long the endpoint takes. */
  agent(): Promise<Agent> {
    this.#agent ??= unheldAgent(this.endpoint);
    return this.#agent;
  }

  async send(body: Uint8Array): Promise<Sending> {
    const { url, gzip } = this.endpoint;
    const agent = await this.agent();
    const { request } = await httpModule(url);
    const headers = requestHeaders(this.endpoint);
    const sent = request(url, { method: 'POST', agent, headers });
    const sending = observed(sent);
    sent.end(gzip ? gzipSync(body) : body);
    return sending;
  }

  /** Closes the connections. */
  destroy(): void {
    void this.#agent?.then((agent) => agent.destroy());
  }
}

/** The exporter where OpenTelemetry's for OTLP over HTTP does not do: for protobuf, and for an endpoint of our own. */
export class OtlpHttpExporter implements SpanExporter {
  constructor(
    private readonly endpoint: OtlpEndpoint,
    private readonly transport: HttpTransport,
  ) {}

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    const body = serializerOf(this.endpoint).serializeRequest(spans);
    void this.#send(body ?? new Uint8Array()).then(
      (status) => done(status < 300 ? { code: 0 } : { code: 1, error: failure(status) }),
      (error) => done({ code: 1, error }),
    );
  }

  async #send(body: Uint8Array): Promise<number> {
    const { head, end } = await this.transport.send(body);
    const { status } = await head;
    // One that accepts says in its body how many it rejects.
    await end.catch(() => {});
    return status;
  }

  async shutdown(): Promise<void> {
    this.transport.destroy();
  }
}

function failure(status: number): Error {
  return Object.assign(new Error(`HTTP ${status}`), { code: status });
}

function observed(request: ClientRequest): Sending {
  const head = new Promise<HttpAnswer>((resolve, reject) => {
    request.on('response', ({ statusCode: status = 0, headers }) => resolve({ status, headers }));
    request.on('error', reject);
  });
  const end = new Promise<void>((resolve, reject) => {
    request.on('response', (response: IncomingMessage) => {
      response.on('end', resolve).on('close', resolve).on('error', reject).resume();
    });
    request.on('error', reject);
  });
  // Whoever waits for one of them may not wait for the other.
  head.catch(() => {});
  end.catch(() => {});
  return { head, end };
}

function httpModule(url: string) {
  return url.startsWith('https:') ? import('node:https') : import('node:http');
}

async function unheldAgent({ url, tls }: OtlpEndpoint): Promise<Agent> {
  const agent = new (await httpModule(url)).Agent({ keepAlive: true, ...tls });
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
