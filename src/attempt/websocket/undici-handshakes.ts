import { types } from 'node:util';
import { abortBehind } from '../abort.js';
import type { Caller } from '../callers.js';
import type { ExchangeEvents } from '../exchange.js';
import type { RecorderOptions } from '../recorder.js';
import { headerValue, readHeaders } from '../request-line.js';
import { subscribeQuietly, tapInstance } from '../tap.js';
import { ClientFrames } from './client-frames.js';
import type { Handshake } from './connection.js';

interface EarlyMessage<Context> {
  readonly text: string;
  readonly caller: Caller<Context>;
}

/** A pending handshake of undici. */
export interface Opening<Context> {
  readonly handshake: Handshake<Context>;
  readonly url: string;
  readonly callerNow: (isReused: boolean) => Caller<Context>;
  /** Begins to record the request when it is refused. */
  readonly refused: () => ExchangeEvents | undefined;
  readonly sent: EarlyMessage<Context>[];
  /** Set when the request is written; never over HTTP/2. */
  socket: NetworkSocket | undefined;
  isReused: boolean;
  untap: () => void;
}

interface NetworkSocket {
  readonly localAddress?: unknown;
  readonly localPort?: unknown;
  readonly bytesWritten?: unknown;
  readonly ws?: unknown;
}

interface ChannelResponse {
  readonly statusCode: number;
  readonly headers: unknown;
}

interface ChannelMessage {
  readonly request: object;
  readonly socket?: NetworkSocket;
  readonly response?: ChannelResponse;
  readonly error?: unknown;
}

const SWITCHING_PROTOCOLS = 101;
const UNAUTHORIZED = 401;
const MAX_PENDING = 256;
const MAX_EARLY = 64;

/**
 * The handshakes of undici, until their connection is published. undici publishes a connection after the event `open`,
 * in whose listeners most clients send their first message: until then the frames written to the socket are read.
 */
export class UndiciHandshakes<Context> {
  readonly #pending = new Map<object, Opening<Context>>();
  /** Keys of handshakes that were refused with 401: undici 7 and later repeat those at once. */
  readonly #unauthorized = new Set<string>();
  /** Subscribed only while a handshake is pending. */
  #unsubscribe: (() => void) | undefined;

  /**
   * @param callerNow returns the current caller, given whether the socket has served other requests
   * @param refused begins to record the request
   */
  add(
    request: object,
    handshake: Handshake<Context>,
    callerNow: Opening<Context>['callerNow'],
    refused: Opening<Context>['refused'],
  ): void {
    // undici publishes nothing for an invalid handshake response: such entries are evicted here.
    const [oldest] = this.#pending.keys();
    if (this.#pending.size >= MAX_PENDING && oldest !== undefined) this.#drop(oldest);
    const { origin, path } = handshake.line;
    const url = URL.canParse(origin + path) ? new URL(origin + path).href : origin + path;
    const open = { socket: undefined, isReused: false, untap: () => {} };
    const key = keyOf(handshake);
    const isRepeated = key !== undefined && this.#unauthorized.delete(key);
    const beginFailed = isRepeated ? () => undefined : refused;
    this.#pending.set(request, { handshake, url, callerNow, refused: beginFailed, sent: [], ...open });
    this.#unsubscribe ??= subscribeQuietly<ChannelMessage>({
      'undici:client:sendHeaders': ({ request: sent, socket }) => this.#written(sent, socket),
      'undici:request:headers': ({ request: answered, response }) => {
        if (response !== undefined) this.#answered(answered, response);
      },
      'undici:request:error': ({ request: failed, error }) => this.#failed(failed, error),
    });
  }

  /**
   * Returns the handshake of an open connection. Its socket is read until `untap` is called.
   *
   * @param url `undefined` if it is not known
   * @param address the local address, as of `socket.address()`
   * @returns `undefined` if its request was not added or is ambiguous
   */
  take(url: string | undefined, address: unknown): Opening<Context> | undefined {
    const found = [...this.#pending].filter(
      ([, one]) => (url === undefined || one.url === url) && isAt(one.socket, address),
    );
    const [first] = found;
    if (first === undefined) return undefined;
    if (found.length > 1) {
      for (const [request] of found) this.#drop(request);
      return undefined;
    }
    this.#remove(first[0]);
    return first[1];
  }

  removeAll(): void {
    for (const request of [...this.#pending.keys()]) this.#drop(request);
  }

  #written(request: object, socket: NetworkSocket | undefined): void {
    const pending = this.#pending.get(request);
    if (pending === undefined || socket === undefined) return;
    pending.socket = socket;
    pending.isReused = socket.bytesWritten !== 0;
    const frames = new ClientFrames();
    pending.untap = tapInstance(socket, 'write', ([chunk]) => {
      if (!types.isUint8Array(chunk)) return;
      for (const text of frames.add(chunk)) {
        if (pending.sent.length < MAX_EARLY)
          pending.sent.push({ text, caller: pending.callerNow(pending.isReused) });
      }
    });
  }

  #answered(request: object, response: ChannelResponse): void {
    const { statusCode } = response;
    const opening = this.#pending.get(request);
    if (statusCode === SWITCHING_PROTOCOLS || opening === undefined) return;
    if (statusCode === UNAUTHORIZED) this.#expectRepeat(opening.handshake);
    // Over HTTP/2 a success opens the connection. A redirect causes an error.
    if (statusCode >= 400 || (statusCode < 300 && opening.socket !== undefined)) {
      const exchange = opening.refused();
      exchange?.responseHeaders(statusCode, response.headers);
      if (statusCode < 300) exchange?.failed(new UnexpectedResponseError(statusCode), undefined);
    }
    this.#drop(request);
  }

  #expectRepeat(handshake: Handshake<Context>): void {
    const key = keyOf(handshake);
    if (key !== undefined) this.#unauthorized.add(key);
    const [oldest] = this.#unauthorized;
    if (this.#unauthorized.size > MAX_PENDING && oldest !== undefined) this.#unauthorized.delete(oldest);
  }

  #failed(request: object, error: unknown): void {
    const pending = this.#pending.get(request);
    this.#drop(request);
    // An abort: the application has closed the WebSocket before it was open.
    if (pending === undefined || abortBehind(error, false, false) !== undefined) return;
    pending.refused()?.failed(error, undefined);
  }

  #drop(request: object): void {
    this.#pending.get(request)?.untap();
    this.#remove(request);
  }

  #remove(request: object): void {
    this.#pending.delete(request);
    if (this.#pending.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}

function keyOf({ requestHeaders }: Handshake<unknown>): string | undefined {
  return headerValue(readHeaders(requestHeaders), 'sec-websocket-key');
}

/** True if an address is unknown: sockets to a proxy have none, nor do handshakes over HTTP/2. */
function isAt(socket: NetworkSocket | undefined, address: unknown): boolean {
  const { port, address: host } = (address ?? {}) as { port?: unknown; address?: unknown };
  if (socket?.localPort === undefined || port === undefined) return true;
  return socket.localPort === port && socket.localAddress === host;
}

/** The error of a handshake that its client has aborted after a timeout. */
export class HandshakeTimeoutError extends Error {
  override readonly name = 'HandshakeTimeoutError';
  readonly code = 'ETIMEDOUT';

  constructor() {
    super('the opening handshake of the WebSocket has timed out');
  }
}

/** The error of a handshake with a successful response that does not open the connection. */
export class UnexpectedResponseError extends Error {
  override readonly name = 'UnexpectedResponseError';
  readonly code = 'ERR_UNEXPECTED_RESPONSE';

  constructor(statusCode: number) {
    super(`the server answered a request for a WebSocket with status ${statusCode}`);
  }
}

/**
 * Begins to record a handshake that was refused or has failed, as an exchange of its caller. A successful handshake is
 * not an exchange; the messages on its connection are.
 *
 * @returns `undefined` if it is not to be recorded
 */
export function beginRefused<Context>(
  { line, call, caller, requestHeaders, startedAt }: Handshake<Context>,
  { begin }: Pick<RecorderOptions<Context>, 'begin'>,
): ExchangeEvents | undefined {
  const target = { ...line, call, headers: requestHeaders, webSocket: 'handshake' as const, startedAt };
  // Its path and protocol prove the call, so it is never dropped.
  return begin(target, { ...caller }, () => {});
}
