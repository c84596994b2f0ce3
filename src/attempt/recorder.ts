import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { types } from 'node:util';
import { warn } from '../self-diagnostics.js';
import type { AttemptLog } from './attempt.js';
import { Exchange } from './exchange.js';
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

/**
 * Subscribes to undici's diagnostics channels and records every exchange that begins while a step is active.
 * The channels see each copy of undici and each dispatcher, and nothing of the application's is replaced
 * (but see {@link PrototypeTaps}). A request outside a step costs one look at the async context.
 *
 * @param currentLog the step in the caller's async context, asked once per request, when it is created: later
 *   events run in the context of whoever opened the socket
 * @param now monotonic milliseconds
 * @returns the undo
 */
export function installRecorder(currentLog: () => AttemptLog | undefined, now: () => number): () => void {
  // Weak: a strong reference would keep undici from aborting a body that nobody reads.
  const exchanges = new WeakMap<object, Exchange>();
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
    const seen = exchange.tapped !== undefined && exchange.tapped === message.chunk;
    if (seen) taps.remove(message.request);
    exchange.tapped = undefined;
    return seen;
  };

  const create = ({ request }: ChannelMessage): void => {
    const log = currentLog();
    // CONNECT is a proxy's tunnel, an upgrade a WebSocket: neither is an exchange with a provider.
    if (log === undefined || request.method === 'CONNECT' || request.upgrade) return;
    const attempt = log.begin({
      method: String(request.method),
      ...targetOf(request.origin, request.path),
    });
    if (attempt === undefined) return;
    exchanges.set(request, new Exchange(attempt, log, now));
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
    'undici:request:headers': recorded((exchange, { request, response }) => {
      // The answer may come before the request's body is all sent.
      exchange.requestHeaders(request.headers);
      if (response !== undefined) exchange.responseHeaders(response.statusCode, response.headers);
    }),
    'undici:request:bodyChunkReceived': recorded((exchange, message) => {
      if (!seenByTap(exchange, message)) exchange.responseChunk(message.chunk as Uint8Array);
    }),
    'undici:request:trailers': recorded((exchange) => exchange.responseEnd()),
    'undici:request:error': recorded((exchange, { request, error }) => {
      exchange.requestHeaders(request.headers);
      exchange.error(error);
    }),
  };

  const installed = Object.entries(subscribers).map(([channel, subscriber]) => {
    const quiet = quietly(subscriber);
    subscribe(channel, quiet);
    return () => unsubscribe(channel, quiet);
  });
  return () => {
    for (const undo of installed) undo();
    taps.removeAll();
  };
}

function sendChunk(exchange: Exchange, chunk: unknown): void {
  // Of any realm: `instanceof` knows none but ours.
  if (typeof chunk === 'string' || types.isUint8Array(chunk)) exchange.requestChunk(chunk);
}

/** A subscriber that throws is an uncaught exception of the application's: none of ours may. */
function quietly(subscriber: (message: ChannelMessage) => void) {
  return (message: unknown): void => {
    try {
      subscriber(message as ChannelMessage);
    } catch (error) {
      warn('an HTTP exchange could not be recorded in full', error);
    }
  };
}
