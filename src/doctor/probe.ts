import type { IncomingMessage, RequestOptions } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { OtlpEndpoint } from '../delivery/otlp-endpoint.js';

/** What came of one request to the endpoint. */
export type Probe =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly type: string;
      readonly location: string | undefined;
    }
  /** `code` is Node's, or OpenSSL's. */
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'silence' };

/** An export without a span: OTLP lets it pass, and nothing of it is stored. */
const NOTHING = '{"resourceSpans":[]}';

/** Sends one export without a span, as what is kept would be sent: by `node:http`, without a proxy. Never rejects. */
export async function probeEndpoint(endpoint: OtlpEndpoint, timeoutMillis: number): Promise<Probe> {
  const { url, headers, gzip, tls } = endpoint;
  const { Agent, request } = await (url.startsWith('https:') ? import('node:https') : import('node:http'));
  const agent = new Agent({ ...tls });
  const encoding = gzip ? { 'content-encoding': 'gzip' } : {};
  const options: RequestOptions = { method: 'POST', agent, headers: { ...headers, ...encoding } };
  return new Promise<Probe>((resolve) => {
    const timer = setTimeout(() => finish({ kind: 'silence' }), timeoutMillis);
    const finish = (probe: Probe): void => {
      clearTimeout(timer);
      agent.destroy();
      resolve(probe);
    };
    try {
      const sent = request(url, options, (response) => {
        response.on('error', () => {}).resume();
        finish(answerOf(response));
      });
      sent.on('error', (error) => finish({ kind: 'error', code: codeOf(error) }));
      sent.end(gzip ? gzipSync(NOTHING) : NOTHING);
    } catch (error) {
      finish({ kind: 'error', code: codeOf(error) });
    }
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage): Probe {
  const { 'content-type': type = '', location } = headers;
  return { kind: 'answer', status: statusCode, type, location };
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'an error without a code';
}
