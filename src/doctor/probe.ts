import { connect } from 'node:http2';
import { HttpTransport, serializerOf } from '../delivery/http-transport.js';
import { type OtlpEndpoint, USER_AGENT } from '../delivery/otlp-endpoint.js';

/** What came of one request to the endpoint. */
export type Probe =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly type: string;
      readonly location: string | undefined;
    }
  /** `code` is Node's, OpenSSL's, or `gRPC` with its number. */
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'silence' };

/**
 * Sends one export without a span, which OTLP lets pass, and of which nothing is stored: as what is kept would be
 * sent, but without a proxy. Never rejects.
 */
export async function probeEndpoint(endpoint: OtlpEndpoint, timeoutMillis: number): Promise<Probe> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<Probe>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'silence' }), timeoutMillis);
  });
  const { answer, close } = endpoint.protocol === 'grpc' ? overGrpc(endpoint) : overHttp(endpoint);
  try {
    return await Promise.race([answer, silence]);
  } catch (error) {
    return { kind: 'error', code: codeOf(error) };
  } finally {
    clearTimeout(timer);
    close();
  }
}

interface Asking {
  readonly answer: Promise<Probe>;
  close(): void;
}

function overHttp(endpoint: OtlpEndpoint): Asking {
  const transport = new HttpTransport(endpoint);
  const ask = async (): Promise<Probe> => {
    const { head } = await transport.send(serializerOf(endpoint).serializeRequest([]) ?? new Uint8Array());
    const { status, headers } = await head;
    const { 'content-type': type = '', location } = headers;
    return { kind: 'answer', status, type, location };
  };
  return { answer: ask(), close: () => transport.destroy() };
}

const EXPORT_METHOD = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
/** Not compressed, and of length 0. */
const EMPTY_MESSAGE = Buffer.alloc(5);

function overGrpc({ url, headers, tls }: OtlpEndpoint): Asking {
  const session = connect(url, { ...tls });
  const answer = new Promise<Probe>((resolve, reject) => {
    session.on('error', reject);
    const sent = session.request({
      'user-agent': USER_AGENT,
      ...headers,
      ':method': 'POST',
      ':path': EXPORT_METHOD,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const take = (fields: Readonly<Record<string, unknown>>): void => {
      const code = fields['grpc-status'];
      if (code === undefined) return;
      const type = 'application/grpc';
      if (Number(code) === 0) resolve({ kind: 'answer', status: 200, type, location: undefined });
      else resolve({ kind: 'error', code: `gRPC ${code}` });
    };
    sent.on('response', take).on('trailers', take);
    sent.on('error', reject).resume();
    sent.end(EMPTY_MESSAGE);
  });
  return { answer, close: () => session.destroy() };
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'an error without a code';
}
