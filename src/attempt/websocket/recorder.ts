import type { ClientRequest, IncomingMessage } from 'node:http';
import { monotonicMillis } from '../../clock.js';
import type { RequestLine } from '../../wire/format.js';
import { recogniseSocket } from '../../wire/formats.js';
import { type Caller, currentCaller, unknownCaller } from '../callers.js';
import type { ExchangeEvents } from '../exchange.js';
import { errorOrAbort } from '../http-client.js';
import type { RecorderOptions, RefusedRequest, UndiciRequest, WebSocketRequests } from '../recorder.js';
import { type HeaderList, readHeaders, targetOf } from '../request-line.js';
import { quietly, subscribeQuietly, tapInstance } from '../tap.js';
import type { Handshake, SocketConnection } from './connection.js';
import {
  beginRefused,
  HandshakeTimeoutError,
  type Opening,
  UndiciHandshakes,
  UnexpectedResponseError,
} from './undici-handshakes.js';

interface ObservedSocket {
  readonly readyState: unknown;
  readonly _closeFrameReceived?: unknown;
}

interface UndiciSocket extends ObservedSocket {
  readonly url: unknown;
}

interface OpenedSocket {
  /** From undici 7 on. */
  readonly websocket?: UndiciSocket;
  readonly address: unknown;
  /** From undici 7 on. */
  readonly handshakeResponse?: { readonly headers: unknown };
}

interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: unknown;
  readonly reason?: unknown;
}

const OPEN = 1;
const HANDSHAKE_ENDS = new Set<unknown>(['upgrade', 'response', 'error', 'close']);

// Taken at load time: fake timers replace them later.
const { nextTick } = process;
const { queueMicrotask } = globalThis;

const loadConnection = () => require('./connection.js') as typeof import('./connection.js');

/**
 * Records model calls over WebSockets of undici (the global `WebSocket` of Node.js) and of the package `ws`. No channel
 * publishes messages. They are observed on the instance: the arguments of `send`, and the events that are dispatched to
 * the application's listeners. No listener is added, no prototype is changed.
 */
export class WebSocketRecorder<Context> implements WebSocketRequests<Context> {
  readonly #handshakes = new UndiciHandshakes<Context>();
  readonly #untaps = new Set<() => void>();
  readonly #unsubscribe: () => void;
  #isStopped = false;

  constructor(private readonly options: Omit<RecorderOptions<Context>, 'recognise'>) {
    this.#unsubscribe = subscribeQuietly<OpenedSocket>({
      'undici:websocket:open': (opened) => this.#openedByUndici(opened),
    });
  }

  requestedByUndici(
    request: UndiciRequest,
    callerOf: () => Caller<Context>,
    refused: (exchange: ExchangeEvents) => void,
  ): void {
    const line = webSocketLine({ method: 'GET', ...targetOf(request.origin, request.path) });
    const call = recogniseSocket(line);
    if (call === undefined) return;
    const handshake = {
      line,
      call,
      caller: callerOf(),
      requestHeaders: request.headers,
      responseHeaders: [],
      startedAt: monotonicMillis(),
    };
    const beginFailed = () => {
      const exchange = beginRefused(handshake, this.options);
      if (exchange === undefined) return undefined;
      refused(exchange);
      exchange.requestHeaders(request.headers);
      exchange.requestEnd();
      return exchange;
    };
    this.#handshakes.add(request, handshake, (isReused) => this.#callerNow(isReused), beginFailed);
  }

  /** Recognises only WebSockets of the package `ws`, once they have their socket. */
  requestedByNode(
    request: ClientRequest,
    requested: RequestLine,
    requestHeaders: unknown,
    refused: (exchange: ExchangeEvents) => RefusedRequest,
  ): void {
    const line = webSocketLine(requested);
    const call = recogniseSocket(line);
    if (call === undefined) return;
    const caller = currentCaller(this.options.contexts);
    const pending = { line, call, caller, requestHeaders, startedAt: monotonicMillis() };
    const beginFailed = (): RefusedRequest | undefined => {
      const exchange = beginRefused({ ...pending, responseHeaders: [] }, this.options);
      return exchange && refused(exchange);
    };
    let isTimedOut = false;
    const untap = tapInstance(request, 'emit', ([event, first, socket]) => {
      if (event === 'timeout') isTimedOut = true;
      // After a timeout Node.js reports the error of an aborted request only when the socket is closed.
      const isAborted = event === 'abort' && isTimedOut;
      if (!isAborted && !HANDSHAKE_ENDS.has(event)) return;
      untap();
      if (event === 'upgrade') {
        const handshake = { ...pending, responseHeaders: readHeaders((first as IncomingMessage).rawHeaders) };
        onWebSocketOf(socket as object, (webSocket) =>
          this.#opened(webSocket, handshake, request.reusedSocket),
        );
      } else if (event === 'response') answeredByNode(first as IncomingMessage, beginFailed);
      else if (isAborted) beginFailed()?.failed(new HandshakeTimeoutError());
      else if (event === 'error') {
        const error = errorOrAbort(request, first);
        // Without an error, the application closed the WebSocket before it was open.
        if (error !== undefined) beginFailed()?.failed(error);
      }
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#unsubscribe();
    this.#handshakes.removeAll();
    for (const untap of this.#untaps) untap();
    this.#untaps.clear();
  }

  #opened(webSocket: ObservedSocket, handshake: Handshake<Context>, isReused: boolean): void {
    this.#observe(webSocket, handshake, isReused, (connection, untap) =>
      tapInstance(webSocket, 'emit', ([event, first, second]) => {
        if (event === 'message') connection.received(first);
        else if (event === 'error') connection.failed(first);
        else if (event === 'close') {
          connection.closed(first, second);
          untap();
        }
      }),
    );
  }

  #openedByUndici({ websocket, address, handshakeResponse }: OpenedSocket): void {
    const opening = this.#handshakes.take(websocket && String(websocket.url), address);
    if (opening === undefined) return;
    const responseHeaders = readHeaders(handshakeResponse?.headers);
    if (websocket !== undefined) {
      this.#observeUndici(websocket, opening, responseHeaders);
      return;
    }
    // undici 5 and 6 publish before the socket gets its WebSocket, in the same task.
    const follow = quietly(() => this.#observeUndici(opening.socket?.ws, opening, responseHeaders));
    queueMicrotask(() => follow(undefined));
  }

  #observeUndici(webSocket: unknown, opening: Opening<Context>, responseHeaders: HeaderList): void {
    opening.untap();
    if (this.#isStopped || !isUndiciSocket(webSocket)) return;
    const handshake = { ...opening.handshake, responseHeaders };
    const connection = this.#observe(webSocket, handshake, opening.isReused, (connection, untap) =>
      tapInstance(webSocket, 'dispatchEvent', ([event]) => {
        const { type, data, code, reason } = event as SocketEvent;
        if (type === 'message') connection.received(data);
        else if (type === 'close') {
          connection.closed(code, reason);
          untap();
        }
      }),
    );
    for (const { text, caller } of opening.sent) connection.sent(text, caller);
  }

  #observe(
    webSocket: ObservedSocket,
    handshake: Handshake<Context>,
    isReused: boolean,
    tapEvents: (connection: SocketConnection<Context>, untap: () => void) => () => void,
  ): SocketConnection<Context> {
    const connection = new (loadConnection().SocketConnection)(handshake, this.options);
    const untap = () => {
      for (const undo of undoes) undo();
      this.#untaps.delete(untap);
    };
    const undoes = [
      tapInstance(webSocket, 'send', ([data]) => {
        if (webSocket.readyState === OPEN) connection.sent(data, this.#callerNow(isReused));
      }),
      tapInstance(webSocket, 'close', () => {
        // `ws` answers the close frame of the server by the same method.
        if (webSocket._closeFrameReceived !== true) connection.closing();
      }),
      tapInstance(webSocket, 'terminate', () => connection.closing()),
      tapEvents(connection, untap),
    ];
    this.#untaps.add(untap);
    return connection;
  }

  /**
   * Returns the caller that sends a message.
   *
   * @param isReused whether the connection has served other requests: then its events run in the context of another
   *   caller
   */
  #callerNow(isReused: boolean): Caller<Context> {
    return isReused ? unknownCaller() : currentCaller(this.options.contexts);
  }
}

function answeredByNode(response: IncomingMessage, beginFailed: () => RefusedRequest | undefined): void {
  const { statusCode = 0 } = response;
  const isSuccess = statusCode < 300;
  // `ws` may follow a redirect.
  if (!isSuccess && statusCode < 400) return;
  const exchange = beginFailed();
  exchange?.answered(response);
  if (isSuccess) exchange?.failed(new UnexpectedResponseError(statusCode));
}

function webSocketLine({ method, origin, path }: RequestLine): RequestLine {
  return { method, origin: origin.replace(/^http/i, 'ws'), path };
}

/**
 * Finds the WebSocket of the package `ws`, which is behind a symbol of its network socket. The symbol is set before the
 * WebSocket listens to the socket and before it emits `open`.
 */
function onWebSocketOf(socket: object, found: (webSocket: ObservedSocket) => void): void {
  const untap = tapInstance(socket, 'on', () => {
    const webSocket = Object.getOwnPropertySymbols(socket)
      .filter(({ description }) => description === 'websocket')
      .map((symbol): unknown => Reflect.get(socket, symbol))
      .find(isEmitting);
    if (webSocket === undefined) return;
    untap();
    found(webSocket);
  });
  // All of this happens within one event: otherwise it is not a socket of `ws`.
  nextTick(untap);
}

function isUndiciSocket(value: unknown): value is UndiciSocket {
  const { send, dispatchEvent } = (value ?? {}) as { send?: unknown; dispatchEvent?: unknown };
  return typeof send === 'function' && typeof dispatchEvent === 'function';
}

function isEmitting(value: unknown): value is ObservedSocket {
  const { send, emit } = (value ?? {}) as { send?: unknown; emit?: unknown };
  return typeof send === 'function' && typeof emit === 'function';
}
