import { types } from 'node:util';
import type { RecognisedCall, RequestLine } from '../wire/format.js';
import type { BegunAttempt, RequestTarget } from './attempt.js';
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
}

export interface RecorderOptions {
  /** The model call that a request makes, by its line alone. */
  readonly recognise: (line: RequestLine) => RecognisedCall | undefined;
  /**
   * A request begins: asked once, when it is created, in the caller's async context; later events run in that
   * of whoever opened the socket. `undefined` where it is not to be recorded.
   */
  readonly begin: (request: RequestTarget) => BegunAttempt | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** How undici's socket events are put into the async context of the request that they are about. */
export interface ContextSwitch<Context> {
  /** The context that it is called in, as far as it is ours. */
  readonly current: () => Context | undefined;
  /** Changes the context of what is running now, and of what it starts; `undefined` is outside of every run. */
  readonly enter: (context: Context | undefined) => void;
}

interface Recorded<Context> {
  readonly exchange: Exchange;
  /** The context of who made the request. */
  readonly caller: Context | undefined;
}

/**
 * Subscribes to undici's diagnostics channels and records the exchanges that belong to a step. The channels see
 * each copy of undici and each dispatcher, and nothing of the application's is replaced (but see
 * {@link PrototypeTaps}).
 *
 * @returns the undo
 */
export function installRecorder<Context>(
  { recognise, begin, now }: RecorderOptions,
  context: ContextSwitch<Context>,
): () => void {
  // Weak: a strong reference would keep undici from aborting a body that nobody reads.
  const exchanges = new WeakMap<object, Recorded<Context>>();
  const taps = new PrototypeTaps({
    sent: (request, chunk) => {
      const exchange = exchanges.get(request)?.exchange;
      if (exchange === undefined) return;
      exchange.tapped = chunk;
      sendChunk(exchange, chunk);
    },
    received: (request, chunk) => {
      const exchange = exchanges.get(request)?.exchange;
      if (exchange === undefined) return;
      exchange.tapped = chunk;
      exchange.responseChunk(chunk as Uint8Array);
    },
  });

  /** True where a tapped method has already shown this chunk: this undici needs no tap. */
  const seenByTap = (exchange: Exchange, message: ChannelMessage): boolean => {
    const seen = exchange.tapped !== undefined && exchange.tapped === message.chunk;
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
    const begun = begin({ method, origin, path, call, headers: request.headers });
    if (begun === undefined) return;
    exchanges.set(request, {
      exchange: new Exchange(begun.attempt, begun.log, now),
      caller: context.current(),
    });
    taps.add(request);
  };

  /** A subscriber for events of requests that are being recorded. */
  const recorded =
    (listener: (exchange: Exchange, message: ChannelMessage, caller: Context | undefined) => void) =>
    (message: ChannelMessage): void => {
      const recording = exchanges.get(message.request);
      if (recording !== undefined) listener(recording.exchange, message, recording.caller);
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
    'undici:request:headers': recorded((exchange, { request, response }, caller) => {
      // The answer may come before the request's body is all sent.
      exchange.requestHeaders(request.headers);
      if (response === undefined) return;
      exchange.responseHeaders(response.statusCode, response.headers);
      if (isRepeated(response.statusCode)) context.enter(caller);
    }),
    'undici:request:bodyChunkReceived': recorded((exchange, message) => {
      if (!seenByTap(exchange, message)) exchange.responseChunk(message.chunk as Uint8Array);
    }),
    'undici:request:trailers': recorded((exchange, _message, caller) => {
      exchange.responseEnd();
      // What a pool sends next over this connection was somebody else's call, and says no more whose.
      context.enter(isRepeated(exchange.statusCode) ? caller : undefined);
    }),
    'undici:request:error': recorded((exchange, { request, error }, caller) => {
      exchange.requestHeaders(request.headers);
      exchange.error(error);
      if (isTransportError(error)) context.enter(caller);
    }),
  };

  const unsubscribeAll = subscribeQuietly(subscribers);
  return () => {
    unsubscribeAll();
    taps.removeAll();
  };
}

/**
 * Whether a dispatcher may send the request again by itself, as RetryAgent and the interceptors for retries and
 * redirects do. They do it from where the answer came in, which runs in the context of whoever opened the
 * connection, so that the caller's has to be put in its place. undici calls nobody but its handlers there, and
 * each promise that they settle has its own.
 */
function isRepeated(statusCode: number | undefined): boolean {
  return statusCode !== undefined && statusCode >= 300;
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
