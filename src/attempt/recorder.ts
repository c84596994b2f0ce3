import { types } from 'node:util';
import type { RecognisedCall, RequestLine } from '../wire/format.js';
import type { BegunAttempt, RequestTarget } from './attempt.js';
import { type Caller, type CallerContexts, Callers } from './callers.js';
import { Exchange } from './exchange.js';
import { subscribeQuietly } from './quietly.js';
import { PrototypeTaps } from './tap.js';
import { targetOf } from './target.js';

/** The request object of undici's channels, as far as it is read; all copies from 5 to 8 have these. */
interface UndiciRequest {
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
  /** Of `undici:client:connected`, which has no request. */
  readonly socket?: object;
}

export interface RecorderOptions<Context> {
  /** The model call that a request makes, by its line; the call may need a proof. */
  readonly recognise: (line: RequestLine) => RecognisedCall | undefined;
  /**
   * Asked once, when a request is created. `undefined` where it is not to be recorded.
   *
   * @param drop stops the recording of the request, if it turns out later that it is not to be recorded
   */
  readonly begin: (
    request: RequestTarget,
    caller: Caller<Context>,
    drop: () => void,
  ) => BegunAttempt | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly contexts: CallerContexts<Context>;
}

/**
 * Subscribes to undici's diagnostics channels and records the exchanges that belong to a step. The channels see
 * each copy of undici and each dispatcher, and nothing of the application's is replaced (but see
 * {@link PrototypeTaps}).
 *
 * @returns the undo
 */
export function installRecorder<Context>({
  recognise,
  begin,
  now,
  contexts,
}: RecorderOptions<Context>): () => void {
  const callers = new Callers(contexts);
  // Weak: a strong reference would keep undici from aborting a body that nobody reads.
  const exchanges = new WeakMap<object, Exchange>();
  /** Requests whose response may make a dispatcher send them again. */
  const repeated = new WeakSet<object>();
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

  /** True where a tapped method has already shown this chunk: this undici needs no tap. */
  const seenByTap = (exchange: Exchange, message: ChannelMessage): boolean => {
    if (exchange.tapped === undefined) return false;
    const seen = exchange.tapped === message.chunk;
    if (seen) taps.remove(message.request);
    exchange.tapped = undefined;
    return seen;
  };

  const create = ({ request }: ChannelMessage): void => {
    // CONNECT is a proxy's tunnel, an upgrade a WebSocket: neither is an exchange with a provider.
    if (request.method === 'CONNECT' || request.upgrade) return;
    const { origin, path } = targetOf(request.origin, request.path);
    const method = String(request.method);
    const call = recognise({ method, origin, path });
    // Asked for each request: those that are not recorded are tried again and redirected as well.
    const caller = callers.callerOf(request);
    const dispatched = request.headers === '' ? callers.headers : undefined;
    const target = new UndiciRequestTarget({ method, origin, path }, call, request, dispatched);
    const begun = begin(target, caller, () => exchanges.delete(request));
    if (begun === undefined) return;
    exchanges.set(request, new Exchange(begun.attempt, begun.log, now));
    taps.add(request);
  };

  /** A subscriber for events of requests that are being recorded. */
  const recorded =
    (listener: (exchange: Exchange, message: ChannelMessage) => void) =>
    (message: ChannelMessage): void => {
      const exchange = exchanges.get(message.request);
      if (exchange !== undefined) listener(exchange, message);
    };

  const subscribers: Record<string, (message: ChannelMessage) => void> = {
    'undici:request:create': create,
    'undici:request:bodyChunkSent': recorded((exchange, message) => {
      if (!seenByTap(exchange, message)) sendChunk(exchange, message.chunk);
    }),
    'undici:request:bodySent': recorded((exchange, { request }) => {
      // Not before they have been sent are the request's headers complete: subscribers of `create` add theirs.
      exchange.requestHeaders(request.headers);
      exchange.requestEnd();
    }),
    'undici:request:headers': ({ request, response }) => {
      const exchange = exchanges.get(request);
      // The answer may come before the request's body is all sent.
      exchange?.requestHeaders(request.headers);
      if (response === undefined) return;
      exchange?.responseHeaders(response.statusCode, response.headers);
      const isToRepeat = isRepeated(response.statusCode);
      if (isToRepeat) repeated.add(request);
      callers.serves(request, isToRepeat);
    },
    'undici:request:bodyChunkReceived': (message) => {
      const exchange = exchanges.get(message.request);
      if (exchange !== undefined && !seenByTap(exchange, message))
        exchange.responseChunk(message.chunk as Uint8Array);
    },
    'undici:request:trailers': ({ request }) => {
      exchanges.get(request)?.responseEnd();
      callers.serves(request, repeated.has(request));
    },
    'undici:request:error': ({ request, error }) => {
      const exchange = exchanges.get(request);
      exchange?.requestHeaders(request.headers);
      exchange?.error(error);
      if (isTransportError(error)) callers.serves(request, true);
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

/** Its headers are read anew each time: other subscribers of `create` add theirs. */
class UndiciRequestTarget implements RequestTarget {
  readonly method: string;
  readonly origin: string;
  readonly path: string;

  constructor(
    { method, origin, path }: RequestLine,
    readonly call: RecognisedCall | undefined,
    private readonly request: UndiciRequest,
    /** Over HTTP/2 the requests of undici 5 have their headers later. */
    private readonly dispatchedHeaders: unknown,
  ) {
    this.method = method;
    this.origin = origin;
    this.path = path;
  }

  get headers(): unknown {
    const { headers } = this.request;
    return headers === '' ? this.dispatchedHeaders : headers;
  }
}

/** RetryAgent and the interceptors for retries and redirects may send a request again after such a response. */
function isRepeated(statusCode: number): boolean {
  return statusCode >= 300;
}

/** Any other error may be the application's own, which is told of it inside its very call of `abort`. */
function isTransportError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return 'syscall' in error || ('code' in error && error.code === 'UND_ERR_SOCKET');
}

function sendChunk(exchange: Exchange, chunk: unknown): void {
  // Of any realm: `instanceof` knows none but ours.
  if (typeof chunk === 'string' || types.isUint8Array(chunk)) exchange.requestChunk(chunk);
}
