import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { guarded } from '../self-diagnostics.js';
import type { Answer } from './export-outcome.js';
import type { ExportTarget } from './export-target.js';

/**
 * What goes over `node:http` while an exporter works, by Node's diagnostics channels: an OTLP exporter keeps
 * the status and the `Retry-After` of a retryable answer, and the rejected spans of an accepted one, to
 * itself. Observed only while an export is under way.
 */
export class HttpExchange {
  #request: ClientRequest | undefined;
  #response: IncomingMessage | undefined;
  #retryAfter: string | undefined;
  #body: Buffer[] = [];
  #bytes = 0;
  #closed = false;

  /**
   * @param target where it has `sends`, that tells the exporter's requests. Then its own time limit is taken off them, since the delivery has one,
   *   `Retry-After` is hidden from it, and the body of the answer is read along. Without, they are those made in the async context of its work, which
   *   makes Node 20 and 22 follow each promise of the process meanwhile; and only the head of the answer is looked at.
   */
  constructor(private readonly target: Pick<ExportTarget, 'sends' | 'rejected'>) {}

  observe(work: () => void): void {
    if (open.size === 0) listen();
    open.add(this);
    if (this.target.sends === undefined) current.run(this, work);
    else work();
  }

  /** The answer to the last request, from the moment its head is there. */
  get answer(): Answer | undefined {
    if (this.#response === undefined) return undefined;
    const { statusCode = 0 } = this.#response;
    return { status: statusCode, retryAfter: this.#retryAfter, rejected: this.#rejected(statusCode) };
  }

  #rejected(status: number): number {
    const isWhole = this.#bytes > 0 && this.#bytes < LONGEST_ANSWER;
    return status < 300 && isWhole ? (this.target.rejected?.(Buffer.concat(this.#body)) ?? 0) : 0;
  }

  /** Gives up a request that is not answered; to be called before `close`. */
  abort(): void {
    this.#request?.destroy();
  }

  /** Stops observing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    open.delete(this);
    // A connection that is kept open remembers the context in which it was opened, and this with it.
    this.#request = undefined;
    this.#response = undefined;
    if (open.size === 0) unlisten();
  }

  /** Each export is one request. */
  awaits(request: ClientRequest): boolean {
    return this.#request === undefined && this.target.sends?.(request) === true;
  }

  requested(request: ClientRequest): void {
    if (this.#closed) return;
    this.#request = request;
    this.#response = undefined;
    this.#body = [];
    this.#bytes = 0;
    exchanges.set(request, this);
    if (this.target.sends !== undefined) request.setTimeout(0);
  }

  responded(request: ClientRequest, response: IncomingMessage): void {
    if (this.#closed || request !== this.#request) return;
    this.#response = response;
    this.#retryAfter = response.headers['retry-after'];
    if (this.target.sends === undefined) return;
    // The exporter itself tries again at once where it reads a 0 or a date in the past: only the delivery reads it.
    delete response.headers['retry-after'];
    response.on('data', (chunk: Buffer) => {
      if (this.#bytes < LONGEST_ANSWER) this.#body.push(chunk);
      this.#bytes += chunk.length;
    });
  }
}

const LONGEST_ANSWER = 16_384;
const current = new AsyncLocalStorage<HttpExchange>();
/** By its request, a response is known whatever context its socket brings along. */
const exchanges = new WeakMap<ClientRequest, HttpExchange>();
const open = new Set<HttpExchange>();

const onRequest = (message: unknown): void =>
  guarded('an export could not be observed', undefined, () => {
    const { request } = message as { request: ClientRequest };
    (sentBy(request) ?? current.getStore())?.requested(request);
  });

const onResponse = (message: unknown): void =>
  guarded('an export could not be observed', undefined, () => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    exchanges.get(request)?.responded(request, response);
  });

function sentBy(request: ClientRequest): HttpExchange | undefined {
  for (const exchange of open) if (exchange.awaits(request)) return exchange;
  return undefined;
}

function listen(): void {
  subscribe('http.client.request.start', onRequest);
  subscribe('http.client.response.finish', onResponse);
}

function unlisten(): void {
  unsubscribe('http.client.request.start', onRequest);
  unsubscribe('http.client.response.finish', onResponse);
  // Else the promises were followed for the rest of the process's life.
  current.disable();
}
