import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { guarded } from '../self-diagnostics.js';
import type { Answer } from './export-outcome.js';

/**
 * What goes over `node:http` while an exporter works, by Node's diagnostics channels: an OTLP exporter keeps
 * the status and the `Retry-After` of a retryable answer, and the rejected spans of an accepted one, to
 * itself. Observed only while an export is under way, and only requests made in its async context.
 */
export class HttpExchange {
  #request: ClientRequest | undefined;
  #response: IncomingMessage | undefined;
  #body = '';
  #closed = false;

  /**
   * @param ours the exporter is: its own time limit is taken off its requests, since the delivery has one,
   *   and the body of the answer is read along. Of another one, only the head of the answer is looked at.
   */
  constructor(private readonly ours: boolean) {}

  observe(work: () => void): void {
    listen();
    current.run(this, work);
  }

  /** The answer to the last request, from the moment its head is there. */
  get answer(): Answer | undefined {
    if (this.#response === undefined) return undefined;
    const { statusCode = 0, headers } = this.#response;
    return {
      status: statusCode,
      retryAfter: headers['retry-after'],
      rejected: rejectedSpans(this.#body),
    };
  }

  /** Gives up a request that is not answered; to be called before `close`. */
  abort(): void {
    this.#request?.destroy();
  }

  /** Stops observing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // A connection that is kept open remembers the context in which it was opened, and this with it.
    this.#request = undefined;
    this.#response = undefined;
    unlisten();
  }

  requested(request: ClientRequest): void {
    if (this.#closed) return;
    this.#request = request;
    this.#response = undefined;
    this.#body = '';
    exchanges.set(request, this);
    if (this.ours) request.setTimeout(0);
  }

  responded(request: ClientRequest, response: IncomingMessage): void {
    if (this.#closed || request !== this.#request) return;
    this.#response = response;
    if (!this.ours) return;
    response.on('data', (chunk: Buffer) => {
      if (this.#body.length < LONGEST_ANSWER) this.#body += chunk.toString('latin1');
    });
  }
}

const LONGEST_ANSWER = 16_384;
const current = new AsyncLocalStorage<HttpExchange>();
/** By its request, a response is known whatever context its socket brings along. */
const exchanges = new WeakMap<ClientRequest, HttpExchange>();
let observers = 0;

const onRequest = (message: unknown): void =>
  guarded('an export could not be observed', undefined, () => {
    const { request } = message as { request: ClientRequest };
    current.getStore()?.requested(request);
  });

const onResponse = (message: unknown): void =>
  guarded('an export could not be observed', undefined, () => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    exchanges.get(request)?.responded(request, response);
  });

function listen(): void {
  if (observers++ > 0) return;
  subscribe('http.client.request.start', onRequest);
  subscribe('http.client.response.finish', onResponse);
}

function unlisten(): void {
  if (--observers > 0) return;
  unsubscribe('http.client.request.start', onRequest);
  unsubscribe('http.client.response.finish', onResponse);
  // Else Node 20 and 22 would follow each promise of the process for the rest of its life.
  current.disable();
}

/** `{"partialSuccess":{"rejectedSpans":"3"}}`; nothing for any other text. */
function rejectedSpans(body: string): number {
  if (!body.includes('rejectedSpans')) return 0;
  try {
    const { partialSuccess } = JSON.parse(body) as { partialSuccess?: { rejectedSpans?: unknown } };
    const rejected = Number(partialSuccess?.rejectedSpans);
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}
