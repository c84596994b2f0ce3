import type { ClientRequest, IncomingMessage } from 'node:http';
import type { RecognisedCall, RequestLine } from '../wire/format.js';
import type { RequestTarget } from './attempt.js';
import { Exchange } from './exchange.js';
import { quietly, subscribeQuietly } from './quietly.js';
import type { RecorderOptions } from './recorder.js';
import { targetOf } from './target.js';

interface ChannelMessage {
  readonly request: ClientRequest;
  /** Comes with its headers, for `http.client.response.finish`. */
  readonly response: IncomingMessage;
  readonly error: unknown;
}

/**
 * Subscribes to the diagnostics channels of Node's own HTTP client, for clients that do not use undici, whose
 * requests never show up here. They show no bodies, and to read along would change how the application's
 * stream flows: what is recorded of an exchange is its metadata.
 *
 * @returns the undo
 */
export function installHttpClientRecorder<Context>({
  recognise,
  begin,
  now,
  contexts,
}: RecorderOptions<Context>): () => void {
  const exchanges = new WeakMap<ClientRequest, Exchange>();
  let showsCreation = false;

  const create = (request: ClientRequest): void => {
    // Neither a tunnel nor a WebSocket is an exchange with a provider.
    if (request.method === 'CONNECT' || request.hasHeader('upgrade')) return;
    const line = lineOf(request);
    // Node.js creates a request in its caller's context, and restores that for one that waits for a socket.
    const isKnown = contexts.served() === undefined;
    const caller = { isKnown, context: contexts.current() };
    const call = recognise(line);
    const drop = () => exchanges.delete(request);
    const begun = begin(new ClientRequestTarget(line, call, request), caller, drop);
    if (begun === undefined) return;
    const { attempt, log } = begun;
    // Whether another request has the same body can't be told.
    attempt.fingerprint = undefined;
    const exchange = new Exchange(attempt, log, now);
    exchanges.set(request, exchange);
    // All of the body that will ever be seen. A proof that is still missing may come with headers that are set later.
    if (call?.proof === undefined) exchange.requestEnd();
    const closed = quietly(() => {
      // One that is given up while it waits for a connection ends with this alone.
      if (attempt.statusCode === undefined) exchange.error(undefined);
    });
    request.once('close', closed);
  };

  const subscribers: Record<string, (message: ChannelMessage) => void> = {
    // Published in the caller's async context, from Node 22.12 on.
    'http.client.request.created': ({ request }) => {
      showsCreation = true;
      create(request);
    },
    // Its headers are complete and its body has been written.
    'http.client.request.start': ({ request }) => {
      if (!showsCreation) create(request);
      const exchange = exchanges.get(request);
      exchange?.requestHeaders(request.getHeaders());
      exchange?.requestEnd();
    },
    'http.client.response.finish': ({ request, response }) => {
      const exchange = exchanges.get(request);
      if (exchange === undefined) return;
      const { statusCode = 0 } = response;
      exchange.responseHeaders(statusCode, response.rawHeaders);
      // All that will be known of a failure, whose body is often left unread: then it has no end.
      if (statusCode >= 400) return exchange.responseEnd();
      const ended = quietly(() => {
        if (response.complete) exchange.responseEnd();
        else exchange.error(reasonOf(request, response.errored));
      });
      // To listen to these two changes nothing of what the stream does. One that is broken off has no `end`.
      response.once('end', ended).once('close', ended);
    },
    'http.client.request.error': ({ request, error }) => {
      const exchange = exchanges.get(request);
      exchange?.requestHeaders(request.getHeaders());
      exchange?.error(reasonOf(request, error));
    },
  };

  return subscribeQuietly(subscribers);
}

/** The origin as Node's own inspector puts it together; behind a forward proxy the path is the whole URL. */
function lineOf(request: ClientRequest): RequestLine {
  const origin = `${request.protocol}//${request.getHeader('host') ?? request.host}`;
  return { method: request.method, ...targetOf(origin, request.path) };
}

/** Every request of the application is looked at, few of them closely: their headers are copied only if asked for. */
class ClientRequestTarget implements RequestTarget {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly bodiesOutOfReach = true;

  constructor(
    { method, origin, path }: RequestLine,
    readonly call: RecognisedCall | undefined,
    private readonly request: ClientRequest,
  ) {
    this.method = method;
    this.origin = origin;
    this.path = path;
  }

  get headers(): unknown {
    return this.request.getHeaders();
  }
}

/**
 * `undefined` where the application broke the exchange off: Node then fails with the same `ECONNRESET` as where
 * the server did. The connection tells them apart: the server's end or failure is there to be seen on it.
 */
function reasonOf({ socket }: ClientRequest, error: unknown): unknown {
  const byServer = socket?.readableEnded || socket?.errored;
  return !byServer && isReset(error) ? undefined : (error ?? undefined);
}

function isReset(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ECONNRESET';
}
