import type { ClientHttp2Stream } from 'node:http2';
import { types } from 'node:util';
import type { RequestLine } from '../wire/format.js';
import { isClosedByPeer } from './call-stack.js';
import { currentCaller, servesDispatcher } from './callers.js';
import type { ExchangeEvents } from './exchange.js';
import type { RecorderOptions } from './recorder.js';
import { mayBelongToStep, targetOf } from './request-line.js';
import { quietly, subscribeQuietly, tapInstance } from './tap.js';

interface ChannelMessage {
  readonly stream: ClientHttp2Stream;
  readonly headers: unknown;
  /** In `bodyChunkSent`: one chunk, or a list of chunks if `writev` is true. */
  readonly data: unknown;
  readonly encoding: unknown;
  readonly error: unknown;
}

/**
 * Subscribes to the diagnostics channels of `node:http2` (Node.js 22 and later), for clients that use it without
 * undici, such as that of AWS for Bedrock. Streams of undici are ignored: undici publishes its own requests. No channel
 * publishes the body of a response: it is observed as Node.js pushes it into the stream object.
 *
 * @returns the undo
 */
export function installHttp2ClientRecorder<Context>({
  recognise,
  begin,
  contexts,
}: RecorderOptions<Context>): () => void {
  const exchanges = new WeakMap<ClientHttp2Stream, StreamExchange>();
  const ofUndici = new WeakMap<object, boolean>();

  const isOfUndici = ({ session }: ClientHttp2Stream): boolean => {
    if (session === undefined) return false;
    const known = ofUndici.get(session);
    if (known !== undefined) return known;
    const found = servesDispatcher(session);
    ofUndici.set(session, found);
    return found;
  };

  const create = ({ stream, headers }: ChannelMessage): void => {
    if (isOfUndici(stream)) return;
    const line = lineFromHeaders(headers);
    if (line.method === 'CONNECT') return;
    const call = recognise(line);
    if (!mayBelongToStep(call, contexts.isInside())) return;
    const drop = () => {
      exchanges.get(stream)?.untap();
      exchanges.delete(stream);
    };
    const exchange = begin({ ...line, call, headers }, currentCaller(contexts), drop);
    if (exchange === undefined) return;
    exchange.attempt.isHttp2 = true;
    exchanges.set(stream, new StreamExchange(stream, headers, exchange));
  };

  return subscribeQuietly<ChannelMessage>({
    // Published in the caller's async context.
    'http2.client.stream.created': create,
    'http2.client.stream.bodyChunkSent': ({ stream, data, encoding }) =>
      exchanges.get(stream)?.chunksSent(data, encoding),
    'http2.client.stream.bodySent': ({ stream }) => exchanges.get(stream)?.sent(),
    'http2.client.stream.finish': ({ stream, headers }) => exchanges.get(stream)?.answered(headers),
    'http2.client.stream.close': ({ stream }) => exchanges.get(stream)?.closes(),
    'http2.client.stream.error': ({ stream, error }) => exchanges.get(stream)?.failed(error),
  });
}

class StreamExchange {
  readonly #untap: () => void;
  /** Who closed the stream: Node.js reports the close before any error. */
  #closedBy: 'peer' | 'application' | undefined;

  constructor(
    private readonly stream: ClientHttp2Stream,
    private readonly headers: unknown,
    private readonly exchange: ExchangeEvents,
  ) {
    this.#untap = tapInstance(stream, 'push', ([chunk]) => this.#received(chunk));
    stream.once(
      'close',
      quietly(() => this.#closed()),
    );
  }

  chunksSent(data: unknown, encoding: unknown): void {
    if (Array.isArray(data)) for (const one of data) this.#chunkSent(one);
    else this.#chunkSent({ chunk: data, encoding });
  }

  sent(): void {
    this.exchange.requestHeaders(this.headers);
    this.exchange.requestEnd();
  }

  answered(headers: unknown): void {
    const { exchange } = this;
    exchange.requestHeaders(this.headers);
    exchange.responseHeaders(Number(pseudoHeader(headers, ':status')), headers);
  }

  closes(): void {
    if (this.exchange.attempt.endedAt === undefined)
      this.#closedBy = isClosedByPeer() ? 'peer' : 'application';
  }

  failed(error: unknown): void {
    const { exchange } = this;
    exchange.requestHeaders(this.headers);
    // Node.js reports an error as well if the application closes the stream with a code.
    const isOwnReset = this.#closedBy === 'application' && isStreamReset(error);
    exchange.error(isOwnReset ? undefined : (error ?? undefined));
    this.untap();
  }

  untap(): void {
    this.#untap();
  }

  #received(chunk: unknown): void {
    const { exchange, stream } = this;
    // A stream that is closed early is ended as well, with or without a later error.
    const isEnd = chunk === null && (!stream.closed || this.#isClosedWithoutError);
    if (isEnd) {
      exchange.responseEnd();
      this.untap();
    } else if (types.isUint8Array(chunk)) exchange.responseChunk(chunk);
  }

  #closed(): void {
    const { exchange, stream } = this;
    const { attempt } = exchange;
    if (attempt.endedAt === undefined) {
      if (this.#isClosedWithoutError && attempt.statusCode !== undefined) exchange.responseEnd();
      else if (this.#closedBy === 'peer') exchange.error(new StreamResetError(stream.rstCode));
      else exchange.error(undefined);
    }
    this.untap();
  }

  get #isClosedWithoutError(): boolean {
    return this.#closedBy === 'peer' && this.stream.rstCode === 0;
  }

  #chunkSent(one: { readonly chunk?: unknown; readonly encoding?: unknown } | Uint8Array): void {
    const { exchange } = this;
    const { chunk, encoding } = types.isUint8Array(one) ? { chunk: one, encoding: undefined } : one;
    if (types.isUint8Array(chunk)) exchange.requestChunk(chunk);
    else if (typeof chunk === 'string') exchange.requestChunk(Buffer.from(chunk, encoding as BufferEncoding));
  }
}

/** The error of a stream that was reset and for which Node.js reports none. */
class StreamResetError extends Error {
  override readonly name = 'StreamResetError';
  readonly code = 'ERR_HTTP2_STREAM_ERROR';

  constructor(rstCode: number | undefined) {
    super(`the HTTP/2 stream was closed by the server or with its connection, code ${rstCode}`);
  }
}

function isStreamReset(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === 'ERR_HTTP2_STREAM_ERROR';
}

function lineFromHeaders(headers: unknown): RequestLine {
  const authority = pseudoHeader(headers, ':authority') ?? pseudoHeader(headers, 'host');
  const origin = `${pseudoHeader(headers, ':scheme') ?? 'https'}://${authority}`;
  const method = pseudoHeader(headers, ':method') ?? 'GET';
  return { method, ...targetOf(origin, pseudoHeader(headers, ':path') ?? '/') };
}

/** Headers are an object, or a list if the application gave a list. */
function pseudoHeader(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const value: unknown = Array.isArray(headers)
    ? headers[headers.findIndex((one, at) => at % 2 === 0 && one === name) + 1 || headers.length]
    : Reflect.get(headers, name);
  return value === undefined ? undefined : String(value);
}
