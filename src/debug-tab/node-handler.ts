import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { warn } from '../self-diagnostics.js';
import type { DebugTab } from './handler.js';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * Returns a handler for `node:http`, and so for Express and Fastify (`reply.hijack()`). If the framework has read the
 * request body, the handler uses `request.body`.
 *
 * @example
 * app.use('/debug-tab', toNodeHandler(tab)); // Express
 */
export function toNodeHandler(
  tab: DebugTab,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    try {
      const answer = await tab(await webRequest(request, response));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (answer.body === null || request.method === 'HEAD') response.end();
      else await pipeline(Readable.fromWeb(answer.body as NodeReadableStream<Uint8Array>), response);
    } catch (error) {
      // The client has closed the connection.
      if (response.destroyed) return;
      if (error instanceof URIError) {
        response.writeHead(400).end();
        return;
      }
      warn('Debug tab: request failed', error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    }
  };
}

async function webRequest(request: IncomingMessage, response: ServerResponse): Promise<Request> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const { method = 'GET', headers } = request;
  // Express removes the mount path from `url`.
  const path = (request as { readonly originalUrl?: string }).originalUrl ?? request.url ?? '/';
  const body = method === 'GET' || method === 'HEAD' ? null : await bodyOf(request);
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || name.startsWith(':') ? [] : [[name, String(value)] as [string, string]],
  );
  return new Request(requestUrl(path), {
    method,
    headers: pairs,
    body,
    signal: gone.signal,
  });
}

/**
 * The URL of a request. Its host is always `localhost`: the client chooses what it sends.
 *
 * @param target a path, which may begin with `//`, or the URL that a client sends to a proxy
 * @throws URIError for anything else
 */
export function requestUrl(target: string): URL {
  if (target.startsWith('/')) return new URL(`http://localhost${target}`);
  if (!URL.canParse(target)) throw new URIError('Invalid URL');
  const { pathname, search } = new URL(target);
  return new URL(`http://localhost${pathname}${search}`);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  if (request.readableEnded) return readBody((request as { readonly body?: unknown }).body);
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > MAX_BODY_BYTES) return '';
  }
  return body;
}

/** Text, bytes or parsed JSON, depending on the body parser. */
function readBody(body: unknown): string {
  if (typeof body === 'string') return body;
  return Buffer.isBuffer(body) ? body.toString() : (JSON.stringify(body) ?? '');
}
