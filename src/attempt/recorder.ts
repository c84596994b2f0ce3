import type { ClientRequest, IncomingMessage } from 'node:http';
import { types } from 'node:util';
import type { RecognisedCall, RequestLine } from '../wire/format.js';
import type { RequestTarget } from './attempt.js';
import { type Caller, type CallerContexts, Callers } from './callers.js';
import type { ExchangeEvents } from './exchange.js';
import { mayBelongToStep, ObservedTarget, targetOf } from './request-line.js';
import { PrototypeTaps, subscribeQuietly } from './tap.js';

/** What is read of the request object of undici's channels: the same in versions 5 to 8. */
export interface UndiciRequest {
  readonly method?: unknown;
  readonly origin?: unknown;
  readonly path?: unknown;
  readonly headers?: unknown;
  readonly upgrade?: unknown;
}

interface ChannelMessage {
  readonly request: UndiciRequest;
  readonly response?: { readonly statusCode: number; readonly headers: unknown };
  readonly chunk?: unknown;
  readonly error?: unknown;
  readonly socket?: object;
}

export interface RefusedRequest {
  answered(response: IncomingMessage): void;
  failed(error: unknown): void;
}

export interface WebSocketRequests<Context> {
  /** @param refused called with the exchange if the request is refused or fails, after its response was recorded */
  requestedByUndici(
    request: UndiciRequest,
    callerOf: () => Caller<Context>,
    refused: (exchange: ExchangeEvents) => void,
  ): void;
  /**
   * @param refused called with the exchange if the request is refused or fails, before its response or error is
   *   recorded
   */
  requestedByNode(
    request: ClientRequest,
    line: RequestLine,
    headers: unknown,
    refused: (exchange: ExchangeEvents) => RefusedRequest,
  ): void;
}

export interface RecorderOptions<Context> {
  /** Returns the model call that a request line identifies; the call may need a proof. */
  readonly recognise: (line: RequestLine) => RecognisedCall | undefined;
  /**
   * Called once for each request, when it is created; returns `undefined` if it is not to be recorded.
   *
   * @param drop stops the recording, if the request turns out to be no model call
   */
  readonly begin: (
    request: RequestTarget,
    caller: Caller<Context>,
    drop: () => void,
  ) => ExchangeEvents | undefined;
  readonly contexts: CallerContexts<Context>;
  /** Takes requests that open a WebSocket: not they but the messages are exchanges with a provider. */
  readonly webSockets?: WebSocketRequests<Context> | undefined;
}

/**
 * Subscribes to undici's diagnostics channels, which cover each copy of undici and each dispatcher, and records the
 * exchanges that belong to a step. Nothing of the application is replaced, except as {@link PrototypeTaps} describes.
 *
 * @returns the undo
 */
export function installRecorder<Context>({
  recognise,
  begin,
  contexts,
  webSockets,
}: RecorderOptions<Context>): () => void {
  const callers = new Callers(contexts);
  // A strong reference would prevent undici from aborting an unread body.
  const exchanges = new WeakMap<object, ExchangeEvents>();
  /** Requests whose response may make a dispatcher send them again. */
  const repeatable = new WeakSet<object>();
  const taps = new PrototypeTaps({
    sent: (request, chunk) => {
      const exchange = exchanges.get(request);
      if (exchange === undefined) return;
      exchange.tapped = chunk;
      sendChunk(exchange, chunk);
    },
    received: (request, chunk) => {
      const exchange = exchanges.get(request);
      if (exchange === undefined) return;
      exchange.tapped = chunk;
      exchange.responseChunk(chunk as Uint8Array);
    },
  });

  const seenByTap = (exchange: ExchangeEvents, message: ChannelMessage): boolean => {
    if (exchange.tapped === undefined) return false;
    const seen = exchange.tapped === message.chunk;
    if (seen) taps.remove(message.request);
    exchange.tapped = undefined;
    return seen;
  };

  const create = ({ request }: ChannelMessage): void => {
    if (request.upgrade === 'websocket')
      webSockets?.requestedByUndici(
        request,
        () => callers.callerOf(request),
        (exchange) => {
          exchanges.set(request, exchange);
          taps.add(request);
        },
      );
    if (request.method === 'CONNECT' || request.upgrade) return;
    const { origin, path } = targetOf(request.origin, request.path);
    const line = { method: String(request.method), origin, path };
    const call = recognise(line);
    // Called for each request: unrecorded ones are retried and redirected as well.
    const caller = callers.callerOf(request);
    if (!mayBelongToStep(call, caller.context !== undefined)) return;
    const dispatched = request.headers === '' ? callers.headers : undefined;
    const target = new UndiciRequestTarget(line, call, request, dispatched);
    const exchange = begin(target, caller, () => exchanges.delete(request));
    if (exchange === undefined) return;
    exchanges.set(request, exchange);
    taps.add(request);
  };

  const subscribers: Record<string, (message: ChannelMessage) => void> = {
    'undici:request:create': create,
    'undici:request:bodyChunkSent': (message) => {
      const exchange = exchanges.get(message.request);
      if (exchange !== undefined && !seenByTap(exchange, message)) sendChunk(exchange, message.chunk);
    },
    'undici:request:bodySent': ({ request }) => {
      const exchange = exchanges.get(request);
      // Headers are complete once sent: subscribers of `create` add theirs.
      exchange?.requestHeaders(request.headers);
      exchange?.requestEnd();
    },
    'undici:request:headers': ({ request, response }) => {
      const exchange = exchanges.get(request);
      exchange?.requestHeaders(request.headers);
      if (response === undefined) return;
      exchange?.responseHeaders(response.statusCode, response.headers);
      const isRepeatable = mayBeRepeated(response.statusCode);
      if (isRepeatable) repeatable.add(request);
      callers.enterResponse(request, isRepeatable);
    },
    'undici:request:bodyChunkReceived': (message) => {
      const exchange = exchanges.get(message.request);
      if (exchange !== undefined && !seenByTap(exchange, message))
        exchange.responseChunk(message.chunk as Uint8Array);
    },
    'undici:request:trailers': ({ request }) => {
      exchanges.get(request)?.responseEnd();
      callers.enterResponse(request, repeatable.has(request));
    },
    'undici:request:error': ({ request, error }) => {
      const exchange = exchanges.get(request);
      exchange?.requestHeaders(request.headers);
      exchange?.error(error);
      if (isTransportError(error)) callers.enterResponse(request, true);
    },
    'undici:client:connected': ({ socket }) => {
      if (socket !== undefined) callers.connected(socket);
    },
  };

  const unsubscribeAll = subscribeQuietly(subscribers);
  return () => {
    unsubscribeAll();
    taps.removeAll();
    callers.removeAll();
  };
}

class UndiciRequestTarget extends ObservedTarget implements RequestTarget {
  constructor(
    line: RequestLine,
    call: RecognisedCall | undefined,
    private readonly request: UndiciRequest,
    /** Over HTTP/2 the requests of undici 5 get their headers later. */
    private readonly dispatchedHeaders: unknown,
  ) {
    super(line, call);
  }

  get headers(): unknown {
    const { headers } = this.request;
    return headers === '' ? this.dispatchedHeaders : headers;
  }
}

/** RetryAgent and the interceptors for retries and redirects may send a request again after such a response. */
function mayBeRepeated(statusCode: number): boolean {
  return statusCode >= 300;
}

/** Any other error may be an abort, which is published inside the application's own call of `abort`. */
function isTransportError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return 'syscall' in error || ('code' in error && error.code === 'UND_ERR_SOCKET');
}

function sendChunk(exchange: ExchangeEvents, chunk: unknown): void {
  // `instanceof` fails across realms.
  if (typeof chunk === 'string' || types.isUint8Array(chunk)) exchange.requestChunk(chunk);
}
