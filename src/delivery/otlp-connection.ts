import type { Agent, AgentOptions, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ClientHttp2Session, IncomingHttpHeaders as Http2Headers } from 'node:http2';
import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { type Environment, type OtlpEndpoint, requestHeaders, USER_AGENT } from './otlp-endpoint.js';

export interface OtlpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders | Http2Headers;
  /** The gRPC status; `status` is 200. */
  readonly grpcCode?: number;
}

export interface OtlpRequest {
  /** Resolves with the response headers. Rejects if the request fails. */
  readonly head: Promise<OtlpAnswer>;
  /** Resolves when the response body has ended. */
  readonly end: Promise<void>;
}

/** Sends serialized messages, one request each, without redirects or retries. */
export interface OtlpConnection {
  send(body: Uint8Array): Promise<OtlpRequest>;
  destroy(): void;
}

export function connectTo(endpoint: OtlpEndpoint): OtlpConnection {
  return endpoint.protocol === 'grpc' ? new GrpcConnection(endpoint) : new HttpConnection(endpoint);
}

export class HttpConnection implements OtlpConnection {
  #agent: Promise<Agent> | undefined;

  constructor(private readonly endpoint: OtlpEndpoint) {}

  /** Connections that do not keep the process alive. */
  agent(): Promise<Agent> {
    this.#agent ??= unheldAgent(this.endpoint);
    return this.#agent;
  }

  async send(body: Uint8Array): Promise<OtlpRequest> {
    const { url, gzip } = this.endpoint;
    const agent = await this.agent();
    const { request } = await httpModule(url);
    const headers = requestHeaders(this.endpoint);
    const sent = request(url, { method: 'POST', agent, headers });
    const answered = observed(sent);
    sent.end(gzip ? gzipSync(body) : body);
    return answered;
  }

  destroy(): void {
    void this.#agent?.then((agent) => agent.destroy());
  }
}

const EXPORT_METHOD = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
/** The gRPC status of a response without one. */
const UNKNOWN = 2;

class GrpcConnection implements OtlpConnection {
  #session: ClientHttp2Session | undefined;

  constructor(private readonly endpoint: OtlpEndpoint) {}

  async send(body: Uint8Array): Promise<OtlpRequest> {
    const { headers } = this.endpoint;
    const session = await this.#open();
    const sent = session.request({
      'user-agent': USER_AGENT,
      ...headers,
      ':method': 'POST',
      ':path': EXPORT_METHOD,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const head = new Promise<OtlpAnswer>((resolve, reject) => {
      const take = (fields: Http2Headers): void => {
        const code = fields['grpc-status'];
        if (code !== undefined) resolve({ status: 200, headers: fields, grpcCode: Number(code) });
      };
      sent.on('response', take).on('trailers', take).resume();
      // A request that waits for the connection fails with the connection's error.
      sent.on('error', (error) => reject(error.cause ?? error));
      sent.on('close', () => resolve({ status: 200, headers: {}, grpcCode: UNKNOWN }));
    });
    // The gRPC frame: a flag for no compression, and the length.
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(body.length, 1);
    sent.write(prefix);
    sent.end(body);
    head.catch(() => {});
    return { head, end: head.then(() => {}) };
  }

  destroy(): void {
    this.#session?.destroy();
  }

  async #open(): Promise<ClientHttp2Session> {
    const { connect } = await import('node:http2');
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      const { url, tls } = this.endpoint;
      this.#session = connect(url, { ...tls }).on('error', () => {});
      this.#session.unref();
    }
    return this.#session;
  }
}

function observed(request: ClientRequest): OtlpRequest {
  const head = new Promise<OtlpAnswer>((resolve, reject) => {
    request.on('response', ({ statusCode: status = 0, headers }) => resolve({ status, headers }));
    request.on('error', reject);
  });
  const end = new Promise<void>((resolve, reject) => {
    request.on('response', (response: IncomingMessage) => {
      response.on('end', resolve).on('close', resolve).on('error', reject).resume();
    });
    request.on('error', reject);
  });
  // Only one of the two may be awaited.
  head.catch(() => {});
  end.catch(() => {});
  return { head, end };
}

function httpModule(url: string) {
  return url.startsWith('https:') ? import('node:https') : import('node:http');
}

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

/** The agent option for proxies in newer versions of Node.js. */
interface ProxyOptions {
  readonly proxyEnv?: Environment | undefined;
}

/** The proxy variables, if `NODE_USE_ENV_PROXY` or `--use-env-proxy` enables them. */
export function proxyVariables(url: string): ProxyOptions['proxyEnv'] {
  const { globalAgent } = url.startsWith('https:') ? require('node:https') : require('node:http');
  const { proxyEnv } = (globalAgent as { readonly options: ProxyOptions }).options;
  return proxyEnv && Object.fromEntries(PROXY_VARIABLES.map((name) => [name, proxyEnv[name]]));
}

async function unheldAgent({ url, tls }: OtlpEndpoint): Promise<Agent> {
  const options: AgentOptions & ProxyOptions = { keepAlive: true, ...tls, proxyEnv: proxyVariables(url) };
  const agent = new (await httpModule(url)).Agent(options);
  const { createConnection, reuseSocket } = agent;
  agent.createConnection = (...args) => {
    const connection = createConnection.apply(agent, args);
    release(connection);
    // Each connection attempt has a new handle.
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

/** Returns the serializer of a protocol. gRPC uses protobuf. */
export function serializerOf({ protocol }: Pick<OtlpEndpoint, 'protocol'>) {
  return protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
}
