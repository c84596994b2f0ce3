import type { ClientRequest, IncomingMessage } from 'node:http';
import { types } from 'node:util';
import type { RecognisedCall, RequestLine } from '../wire/format.js';
import type { RequestTarget } from './attempt.js';
import { currentCaller } from './callers.js';
import type { ExchangeEvents } from './exchange.js';
import type { RecorderOptions } from './recorder.js';
import { mayBelongToStep, ObservedTarget, targetOf } from './request-line.js';
import { quietly, subscribeQuietly, tapInstance } from './tap.js';
import { bodyBeforeConnection, bodyBeforeSocket, UnpublishedRequests } from './unpublished-requests.js';

const MAX_HOSTS = 1_000;

interface ChannelMessage {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
  readonly error: unknown;
}

/**
 * Subscribes to the diagnostics channels of Node's own HTTP client, for clients that do not use undici. The channels
 * publish no bodies: these are observed as they are written to the request object and pushed into the response object.
 * Nothing is consumed, and no prototype is changed.
 *
 * @returns the undo
 */
export function installHttpClientRecorder<Context>({
  recognise,
  begin,
  contexts,
  webSockets,
}: RecorderOptions<Context>): () => void {
  const exchanges = new WeakMap<ClientRequest, TappedExchange>();
  let showsCreation = false;

  const create = (request: ClientRequest): TappedExchange | undefined => {
    if (request.method === 'CONNECT') return undefined;
    const line = requestLineOf(request);
    if (request.hasHeader('upgrade')) {
      webSockets?.requestedByNode(request, line, headersOf(request), (exchange) => {
        const observed = tapped(request, exchange);
        observed.sent();
        return observed;
      });
      return undefined;
    }
    // Node.js creates a request in the context of its caller, and restores that once the request has a socket.
    const call = recognise(line);
    if (!mayBelongToStep(call, contexts.isInside())) return undefined;
    const caller = currentCaller(contexts);
    const drop = () => {
      exchanges.get(request)?.untap();
      exchanges.delete(request);
    };
    const exchange = begin(new ClientRequestTarget(line, call, request), caller, drop);
    return exchange && tapped(request, exchange);
  };

  const tapped = (request: ClientRequest, exchange: ExchangeEvents): TappedExchange => {
    const observed = new TappedExchange(request, exchange);
    exchanges.set(request, observed);
    return observed;
  };

  /** Hosts of recorded requests. Sockets of other hosts are not watched, since Node.js is slower on watched ones. */
  const hosts = new Set<unknown>();
  const found = new WeakSet<ClientRequest>();
  const unpublished = new UnpublishedRequests(
    quietly((request: ClientRequest) => {
      found.add(request);
      const exchange = create(request);
      exchange?.tapRequest();
      if (exchange !== undefined && request.headersSent) exchange.readRequest(bodyBeforeSocket(request));
    }),
  );

  const subscribers: Record<string, (message: ChannelMessage) => void> = {
    // Published in the caller's async context before anything is written, from Node 22.12 on.
    'http.client.request.created': ({ request }) => {
      showsCreation = true;
      create(request)?.tapRequest();
    },
    // Published when the headers are complete and the body has been written.
    'http.client.request.start': ({ request }) => {
      if (!showsCreation) {
        if (!found.has(request)) create(request)?.readRequest(bodyBeforeConnection(request));
        const host = hostOf(request);
        if (exchanges.has(request) && hosts.size < MAX_HOSTS) hosts.add(host);
        if (request.socket && hosts.has(host)) unpublished.watch(request.socket);
      }
      exchanges.get(request)?.sent();
    },
    'http.client.response.finish': ({ request, response }) => exchanges.get(request)?.answered(response),
    'http.client.request.error': ({ request, error }) => exchanges.get(request)?.failed(error),
  };

  const unsubscribe = subscribeQuietly(subscribers);
  return () => {
    unsubscribe();
    unpublished.unwatchAll();
  };
}

class TappedExchange {
  #untaps: (() => void)[] = [];

  constructor(
    private readonly request: ClientRequest,
    private readonly exchange: ExchangeEvents,
  ) {
    const closed = quietly(() => {
      // A request that is aborted while it waits for a connection has no other event.
      if (exchange.attempt.statusCode === undefined) this.#end(() => exchange.error(undefined));
    });
    request.once('close', closed);
  }

  tapRequest(): void {
    const { request } = this;
    const write = (args: readonly unknown[]) => this.#write(args[0], args[1]);
    this.#untaps.push(tapInstance(request, 'write', write), tapInstance(request, 'end', write));
  }

  /** @param body what was written before the request was seen; `undefined` if that is not known */
  readRequest(body: Buffer | undefined): void {
    const { exchange } = this;
    const { attempt } = exchange;
    if (body === undefined) {
      attempt.fingerprint = undefined;
      attempt.unobservedBody = 'request';
    } else if (body.length > 0) exchange.requestChunk(body);
  }

  sent(): void {
    this.exchange.requestHeaders(headersOf(this.request));
    this.exchange.requestEnd();
  }

  answered(response: IncomingMessage): void {
    const { exchange, request } = this;
    const { attempt } = exchange;
    // The response may come before the whole request has been sent.
    exchange.requestHeaders(headersOf(request));
    exchange.responseHeaders(response.statusCode ?? 0, response.rawHeaders);
    if (attempt.endedAt !== undefined) {
      this.untap();
      return;
    }
    this.#untaps.push(tapInstance(response, 'push', ([chunk]) => this.#received(chunk, response)));
    const closed = quietly(() => {
      if (attempt.endedAt === undefined)
        this.#end(() => exchange.error(errorOrAbort(request, response.errored)));
    });
    response.once('close', closed);
  }

  failed(error: unknown): void {
    const { exchange, request } = this;
    exchange.requestHeaders(headersOf(request));
    this.#end(() => exchange.error(errorOrAbort(request, error)));
  }

  untap(): void {
    for (const untap of this.#untaps) untap();
    this.#untaps = [];
  }

  #write(chunk: unknown, encoding: unknown): void {
    const { exchange, request } = this;
    if (request.writableEnded || request.destroyed) return;
    if (typeof chunk === 'string') exchange.requestChunk(encoded(chunk, encoding));
    // `instanceof` fails across realms.
    else if (types.isUint8Array(chunk)) exchange.requestChunk(chunk);
  }

  #received(chunk: unknown, response: IncomingMessage): void {
    const { exchange } = this;
    if (types.isUint8Array(chunk)) exchange.responseChunk(chunk);
    // An aborted response is ended as well, before it is complete.
    else if (chunk === null && response.complete) {
      if (isDropped(response)) exchange.responseDropped();
      this.#end(() => exchange.responseEnd());
    }
  }

  #end(end: () => void): void {
    end();
    this.untap();
  }
}

function encoded(text: string, encoding: unknown): string | Buffer {
  return typeof encoding !== 'string' || /^utf-?8$/i.test(encoding) || !Buffer.isEncoding(encoding)
    ? text
    : Buffer.from(text, encoding);
}

/** Whether Node.js has discarded the body, as it does for a response without a listener. */
function isDropped(response: IncomingMessage): boolean {
  return (response as { readonly _dumped?: unknown })._dumped === true;
}

function requestLineOf(request: ClientRequest): RequestLine {
  const origin = `${request.protocol}//${hostOf(request)}`;
  return { method: request.method, ...targetOf(origin, request.path) };
}

function hostOf(request: ClientRequest): unknown {
  return request.getHeader('host') ?? hostIn(request) ?? request.host;
}

function hostIn(request: ClientRequest): string | undefined {
  const { _header: head } = request as { readonly _header?: unknown };
  return typeof head === 'string' ? /\r\nhost: *([^\r]*)/i.exec(head)?.[1] : undefined;
}

/** Headers that were given as a list are only in the head of the message, which exists at once. */
function headersOf(request: ClientRequest): unknown {
  const { _header: head } = request as { readonly _header?: unknown };
  if (typeof head !== 'string' || request.getHeaderNames().length > 0) return request.getHeaders();
  return head.slice(head.indexOf('\r\n') + 2);
}

class ClientRequestTarget extends ObservedTarget implements RequestTarget {
  constructor(
    line: RequestLine,
    call: RecognisedCall | undefined,
    private readonly request: ClientRequest,
  ) {
    super(line, call);
  }

  get headers(): unknown {
    return headersOf(this.request);
  }
}

/**
 * Returns the error of a request; `undefined` if the application aborted it. Node.js reports `ECONNRESET` both for an
 * abort and for a reset by the server, which is visible on the connection.
 */
export function errorOrAbort({ socket }: ClientRequest, error: unknown): unknown {
  const byServer = socket?.readableEnded || socket?.errored;
  return !byServer && isConnectionReset(error) ? undefined : (error ?? undefined);
}

function isConnectionReset(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ECONNRESET';
}
