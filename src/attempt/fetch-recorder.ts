import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';
import { guarded } from '../self-diagnostics.js';
import type { RequestLine } from '../wire/format.js';
import { abortBySignal } from './abort.js';
import { currentCaller } from './callers.js';
import type { ExchangeEvents } from './exchange.js';
import type { RecorderOptions } from './recorder.js';
import { type HeaderList, readHeaders, type Target } from './request-line.js';

const NOT_OBSERVED = 'a fetch could not be recorded in full';
const HEADERS_OF_ENCODED: ReadonlySet<string> = new Set(['content-encoding', 'content-length']);

/**
 * Records calls of a `fetch` function by its arguments and its response, for runtimes whose `fetch` publishes nothing
 * on diagnostics channels.
 */
export class FetchRecorder<Context> {
  /** The request of the current `fetch`, which an underlying client may publish as well. */
  readonly #covered = new AsyncLocalStorage<Target>();
  #isUsed = false;

  constructor(private readonly options: RecorderOptions<Context>) {}

  /** Whether a request that is observed elsewhere belongs to a recorded `fetch`. */
  covers({ origin, path }: Target): boolean {
    if (!this.#isUsed) return false;
    const covered = this.#covered.getStore();
    return covered !== undefined && covered.origin === origin && covered.path === path;
  }

  /** Calls `fetch`. The promise settles as it would without recording. */
  async call(fetch: Fetch, args: FetchArguments): Promise<Response> {
    const request = guarded(NOT_OBSERVED, undefined, () => requestFrom(args));
    const observed = request && guarded(NOT_OBSERVED, undefined, () => this.#begin(request));
    if (request === undefined || observed === undefined) return fetch(...args);
    const failed = (error: unknown): void => recordFailure(observed, error, request.signal);
    let response: Response;
    try {
      response = await this.#covered.run(request.line, () => fetch(...args));
    } catch (error) {
      guarded(NOT_OBSERVED, undefined, () => failed(error));
      throw error;
    }
    return guarded(NOT_OBSERVED, response, () => observedResponse(response, observed, failed));
  }

  #begin(request: FetchRequest): ObservedExchange | undefined {
    const { line, headers } = request;
    // If it is aborted already, there is no request.
    if (this.covers(line) || request.signal?.aborted) return undefined;
    const { recognise, begin, contexts } = this.options;
    const caller = currentCaller(contexts);
    const observed: ObservedExchange = { exchange: undefined, isAnswered: false };
    const exchange = begin({ ...line, call: recognise(line), headers }, caller, () => {
      observed.exchange = undefined;
    });
    if (exchange === undefined) return undefined;
    this.#isUsed = true;
    observed.exchange = exchange;
    exchange.requestHeaders(headers);
    request.send(observed);
    return observed;
  }
}

function recordFailure(
  { exchange }: ObservedExchange,
  error: unknown,
  signal: AbortSignal | undefined,
): void {
  const isAbort = signal?.aborted === true && (error === signal.reason || isAbortError(error));
  exchange?.failed(error, isAbort ? abortBySignal(signal.reason) : undefined);
}

/** Some runtimes throw an error of their own instead of the reason. */
function isAbortError(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

export type Fetch = typeof globalThis.fetch;
export type FetchArguments = Parameters<Fetch>;

interface FetchRequest {
  readonly line: RequestLine;
  readonly headers: HeaderList;
  readonly signal: AbortSignal | undefined;
  /** Records the body, if it can be read without consuming it. Must be called before `fetch`. */
  readonly send: (observed: ObservedExchange) => void;
}

/** Reads the arguments of `fetch`, without changing them; `undefined` if the URL is invalid. */
function requestFrom([input, init]: FetchArguments): FetchRequest | undefined {
  const request = isRequest(input) ? input : undefined;
  const url = request?.url ?? String(input);
  if (!URL.canParse(url)) return undefined;
  const { origin, pathname, search } = new URL(url);
  const method = (init?.method ?? request?.method ?? 'GET').toUpperCase();
  return {
    line: { method, origin, path: pathname + search },
    headers: headerListOf(init?.headers ?? request?.headers),
    signal: init?.signal ?? request?.signal,
    send: (observed) => {
      if (init?.body !== undefined && init.body !== null) sendBody(observed, init.body);
      else if (request !== undefined && !requestHasNoBody(method)) sendCopy(observed, request);
      else observed.exchange?.requestEnd();
    },
  };
}

function isRequest(input: FetchArguments[0]): input is Request {
  return input instanceof Request;
}

/** An iterator is not read: that would consume it. */
function headerListOf(headers: unknown): HeaderList {
  if (headers instanceof Headers) return readHeaders([...headers].flat());
  if (Array.isArray(headers)) return readHeaders(headers.flat());
  const isPlain = typeof headers === 'object' && headers !== null && !(Symbol.iterator in headers);
  return isPlain ? readHeaders(headers) : [];
}

/** A stream or `FormData` is not read: that would consume it, or choose another boundary. */
function sendBody(observed: ObservedExchange, body: unknown): void {
  if (body instanceof Blob) {
    void sendBytes(observed, body);
    return;
  }
  const chunk = bodyBytes(body);
  if (chunk !== undefined) observed.exchange?.requestChunk(chunk);
  if (chunk !== undefined) observed.exchange?.requestEnd();
}

function bodyBytes(body: unknown): Uint8Array | string | undefined {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return String(body);
  if (types.isAnyArrayBuffer(body)) return new Uint8Array(body).slice();
  // A copy: the application may reuse its buffer.
  return ArrayBuffer.isView(body)
    ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice()
    : undefined;
}

function requestHasNoBody(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/**
 * Reads a clone of the request, whose body is in memory. The property `body` is not accessed: in Deno that would turn
 * the body into a stream, which is sent without a length.
 */
function sendCopy(observed: ObservedExchange, request: Request): void {
  if (!request.bodyUsed) void sendBytes(observed, request.clone());
}

async function sendBytes(observed: ObservedExchange, source: Blob | Request): Promise<void> {
  try {
    const bytes = new Uint8Array(await source.arrayBuffer());
    guarded('the body of a request could not be recorded', undefined, () => {
      if (observed.exchange === undefined || observed.isAnswered) return;
      if (bytes.byteLength > 0) observed.exchange.requestChunk(bytes);
      observed.exchange.requestEnd();
    });
  } catch {
    // The application gets the same error.
  }
}

interface ObservedExchange {
  /** `undefined` once it turns out that it is not to be recorded. */
  exchange: ExchangeEvents | undefined;
  isAnswered: boolean;
}

/**
 * Returns a response with the same bytes, whose body is observed as the application reads it. It reads from the
 * original on demand, so that back-pressure, cancellation and errors pass through. Clones read through the same stream.
 *
 * @param failed called with an error of the body
 */
function observedResponse(
  response: Response,
  observed: ObservedExchange,
  failed: (error: unknown) => void,
): Response {
  const { exchange } = observed;
  observed.isAnswered = true;
  exchange?.responseHeaders(response.status, responseHeaders(response));
  if (exchange === undefined || observed.exchange === undefined) return response;
  if (response.body === null) {
    exchange.responseEnd();
    return response;
  }
  // A `Response` of another library has its own ways to read the body.
  if (!(response instanceof Response) || response.bodyUsed || response.body.locked) {
    exchange.bodyNotObserved();
    return response;
  }
  const { status, statusText, headers } = response;
  const reader = response.body.getReader();
  try {
    const body = observedBody(reader, observed, failed);
    return likeOriginal(new Response(body, { status, statusText, headers }), response);
  } catch {
    // `Response` cannot be constructed with a status such as 999.
    exchange.bodyNotObserved();
    observed.exchange = undefined;
    reader.releaseLock();
    return response;
  }
}

/** Drops the headers of the encoded form: `fetch` has decoded the body. */
function responseHeaders({ headers }: Response): string[] {
  const all = [...headers];
  const isEncoded = headers.has('content-encoding');
  return (isEncoded ? all.filter(([name]) => !HEADERS_OF_ENCODED.has(name)) : all).flat();
}

/** Adds the members of a network response that a constructed one lacks. */
function likeOriginal(response: Response, original: Response): Response {
  const { url, redirected, type, headers } = original;
  for (const [name, value] of Object.entries({ url, redirected, type, headers }))
    Object.defineProperty(response, name, { value, configurable: true });
  const clone = (): Response => likeOriginal(Response.prototype.clone.call(response), original);
  Object.defineProperty(response, 'clone', { value: clone, configurable: true, writable: true });
  return response;
}

function observedBody(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  observed: ObservedExchange,
  failed: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const observe = (action: (exchange: ExchangeEvents) => void): void =>
    guarded(NOT_OBSERVED, undefined, () => {
      if (observed.exchange !== undefined) action(observed.exchange);
    });
  return new ReadableStream({
    type: 'bytes',
    start(controller) {
      // An abort also errors an unread body.
      reader.closed.catch((error: unknown) => {
        guarded(NOT_OBSERVED, undefined, () => failed(error));
        controller.error(error);
      });
    },
    async pull(controller) {
      const value = await nextChunk(reader);
      if (value === undefined) {
        observe((exchange) => exchange.responseEnd());
        controller.close();
        controller.byobRequest?.respond(0);
        return;
      }
      observe((exchange) => exchange.responseChunk(value));
      // A copy: the stream transfers the buffer, and the recording refers to it.
      controller.enqueue(value.slice());
    },
    cancel(reason) {
      observe((exchange) => exchange.error(undefined));
      return reader.cancel(reason);
    },
  });
}

/** A byte stream accepts no empty chunk. */
async function nextChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return undefined;
    if (value.byteLength > 0) return value;
  }
}
