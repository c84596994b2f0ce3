import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTab } from '../debug-tab/handler.js';
import { requestUrl, toNodeHandler } from '../debug-tab/node-handler.js';
import type { RunSource } from '../debug-tab/sources.js';
import { searchRange } from '../query/ask.js';
import { findTrace } from '../query/stored-runs.js';
import type { ListOptions } from '../query/types.js';
import { jaegerAnswer } from './jaeger-api.js';
import { OtlpReceiver } from './receiver.js';
import { keyOf, storedSpanOf, summaryOf, type ViewerStore } from './store.js';
import { StoreError } from './store-file.js';

/** The viewer cannot listen on the port. The message is for the user of the command. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export interface ViewerServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

const ADDRESSES = ['127.0.0.1', '::1'];
/** Loopback hosts. Other hosts are rejected as DNS rebinding. */
const HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;
const SIGNALS = new Set(['/v1/traces', '/v1/logs', '/v1/metrics']);

/**
 * Serves the page, the receiver and Jaeger's query API on loopback.
 *
 * @param port 0 selects a free port
 * @throws ListenError if the port is in use or not permitted
 */
export async function startServer(
  store: ViewerStore,
  port: number,
  onProblem: (message: string) => void,
): Promise<ViewerServer> {
  const receiver = new OtlpReceiver(store, onProblem);
  const tab = createTab(
    { source: storedRuns(store), authorize: () => true, path: '/', otherSpans: true },
    store,
  );
  const showTab = toNodeHandler(tab);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = refusalOf(request);
    if (refusal !== undefined) return json(response, 403, { error: refusal });
    const url = requestUrl(request.url ?? '/');
    if (SIGNALS.has(url.pathname)) return receive(receiver, request, response, url.pathname);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const traceId = /^\/trace\/([0-9a-f]{1,32})$/i.exec(url.pathname)?.[1];
    if (isRead && traceId !== undefined) return showTrace(store, response, traceId);
    if (!url.pathname.startsWith('/api/')) return showTab(request, response);
    if (!isRead) return json(response, 405, { error: 'Method not allowed: expected GET' }, { allow: 'GET' });
    const { status = 404, body } = jaegerAnswer(store, url.pathname.slice(5), url.searchParams) ?? {};
    json(response, status, body ?? { error: 'not found' });
  };

  const { servers, bound } = await listenOn(port, (request, response) => {
    answer(request, response).catch((error) => {
      const isBadUrl = error instanceof URIError;
      if (!isBadUrl) onProblem(error instanceof StoreError ? error.message : String(error?.stack ?? error));
      if (response.headersSent) response.destroy();
      else if (isBadUrl) json(response, 400, { error: 'Invalid URL' });
      else json(response, 500, { error: 'internal error: see stderr of the viewer' });
    });
  });
  return {
    url: `http://127.0.0.1:${bound}`,
    close: async () => {
      tab.close();
      await Promise.all(servers.map(closed));
      await receiver.idle();
    },
  };
}

/** A source for the Debug tab. Has no default age limit, since the store applies its retention. */
function storedRuns(store: ViewerStore): RunSource {
  const range = (options?: ListOptions) => {
    const { limit } = searchRange(undefined, options);
    return [options?.since?.getTime() ?? 0, limit] as const;
  };
  return Object.freeze({
    has: async (chatId: string) =>
      store.all('SELECT 1 FROM runs WHERE chat = ? LIMIT 1', keyOf(chatId)).length > 0,
    list: async (chatId: string, options?: ListOptions) =>
      store
        .all(
          'SELECT summary, ended FROM runs WHERE chat = ? AND started >= ? ORDER BY started DESC LIMIT ?',
          keyOf(chatId),
          ...range(options),
        )
        .map(summaryOf),
    listAll: async (options?: ListOptions) =>
      store
        .all(
          'SELECT summary, ended FROM runs WHERE started >= ? ORDER BY started DESC LIMIT ?',
          ...range(options),
        )
        .map(summaryOf),
    trace: async (runId: string) => {
      const traces = store.all('SELECT trace FROM runs WHERE run = ?', keyOf(runId));
      const spans = traces.flatMap(({ trace }) => store.spansOf(String(trace)));
      return findTrace(spans.map(storedSpanOf), runId, undefined);
    },
  } satisfies RunSource);
}

/** Returns why a request is rejected: a foreign host or a request from another origin. */
function refusalOf({ headers, method }: IncomingMessage): string | undefined {
  const { host = '', origin } = headers;
  if (!HOST.test(host)) return 'host refused: expected localhost';
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return 'cross-origin request refused';
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers;
  const isForeign = site === 'cross-site' || site === 'same-site';
  const isNavigation = mode === 'navigate' && (method === 'GET' || method === 'HEAD');
  return isForeign && !isNavigation ? 'cross-origin request refused' : undefined;
}

async function receive(
  receiver: OtlpReceiver,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  if (request.method !== 'POST')
    return json(response, 405, { error: 'Method not allowed: expected POST' }, { allow: 'POST' });
  const { status, contentType, body, headers } = await receiver.answer(request, path);
  // Do not wait for the rest of a rejected body.
  const isCut = !request.complete;
  response.writeHead(status, {
    ...headers,
    'content-type': contentType,
    'x-content-type-options': 'nosniff',
    ...(isCut && { connection: 'close' }),
  });
  response.end(body);
}

/** Redirects the URL of a trace in Jaeger's UI to its run. */
function showTrace(store: ViewerStore, response: ServerResponse, traceId: string): void {
  const [row] = store.all(
    'SELECT run FROM runs WHERE trace = ? ORDER BY started LIMIT 1',
    traceId.toLowerCase().padStart(32, '0'),
  );
  if (row === undefined) {
    json(response, 404, { error: 'the trace contains no run' });
    return;
  }
  const run = JSON.parse(String(row['run']));
  response.writeHead(302, { location: `/#${new URLSearchParams({ run })}` }).end();
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
  response.end(JSON.stringify(body));
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

interface Bound {
  readonly servers: readonly Server[];
  readonly bound: number;
}

/** Listens on IPv4, and on IPv6 if available, since `localhost` may resolve to either. */
async function listenOn(port: number, listener: Listener): Promise<Bound> {
  const servers: Server[] = [];
  let chosen = port;
  for (const host of ADDRESSES) {
    const server = createServer(listener);
    try {
      await listening(server, chosen, host);
      chosen = (server.address() as AddressInfo).port;
      servers.push(server);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isAbsent = code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
      if (host !== ADDRESSES[0] && (isAbsent || port === 0)) continue;
      await Promise.all(servers.map(closed));
      throw new ListenError(listenProblem(port, code), { cause: error });
    }
  }
  return { servers, bound: chosen };
}

function listenProblem(port: number, code: string | undefined): string {
  if (code === 'EADDRINUSE') return `Port ${port} is in use. Choose another one with --port.`;
  if (code === 'EACCES') return `Port ${port} requires more privileges. Choose another one with --port.`;
  return `The viewer cannot listen on port ${port}: ${code}. Choose another one with --port.`;
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
