import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { disableStorage } from '../async-storage.js';
import { timers } from '../clock.js';
import { guarded } from '../self-diagnostics.js';
import { FOREIGN_EXPORT_TIMEOUT_MILLIS, type SpanExporter } from './options.js';
import {
  type Answer,
  type ExporterComponent,
  type ExportOutcome,
  outcomeOfResult,
  outcomeOfThrow,
  outcomeOfTimeout,
  type Sending,
  type Transport,
} from './transport.js';

/** Knowledge about an exporter of this package. Nothing is known about the application's exporter. */
export interface KnownExporter {
  /** Whether a request is from this exporter. */
  readonly sends?: (request: ClientRequest) => boolean;
  /** Returns how many spans a successful response rejects. */
  readonly rejected?: (body: Uint8Array) => number;
  readonly abort?: () => void;
}

/** The context of exports: not traced, and outside any chat turn. */
const UNTRACED = suppressTracing(ROOT_CONTEXT);

/** Exports with a span exporter. The application's exporter keeps its own timeouts, connections and retries. */
export class ExporterTransport implements Transport {
  readonly defaultTimeoutMillis = FOREIGN_EXPORT_TIMEOUT_MILLIS;
  readonly awaitsBlocking = false;

  constructor(
    private readonly spanExporter: SpanExporter,
    private readonly known: KnownExporter = {},
  ) {}

  get exporter(): ExporterComponent {
    return { type: this.spanExporter.constructor.name };
  }

  send(spans: ReadableSpan[], timeoutMillis: number): Sending {
    const exchange = new HttpExchange(this.known);
    const abort = (): void => {
      exchange.abort();
      this.known.abort?.();
    };
    const outcome = new Promise<ExportOutcome>((resolve) => {
      const finish = (what: ExportOutcome): void => {
        timers.clearTimeout(timer);
        exchange.close();
        resolve(what);
      };
      const timer = timers
        .setTimeout(() => {
          const what = outcomeOfTimeout(exchange.answer);
          abort();
          finish(what);
        }, timeoutMillis)
        .unref();
      try {
        const send = (): void =>
          this.spanExporter.export(spans, (result) => finish(outcomeOfResult(result, exchange.answer)));
        context.with(UNTRACED, () => exchange.observe(send));
      } catch (error) {
        finish(outcomeOfThrow(error));
      }
    });
    return { outcome, abort };
  }

  /**
   * Works for exporters that write synchronously, to a file or the console. Unconfirmed spans count as undelivered.
   */
  sendBlocking(batches: readonly ReadableSpan[][]): ExportOutcome[] {
    return batches.map((batch) => {
      let outcome: ExportOutcome = {
        kind: 'retry',
        afterMillis: undefined,
        detail: 'the exporter needs time',
        errorType: 'timeout',
      };
      try {
        const send = (): void =>
          this.spanExporter.export(batch, (result) => {
            outcome = outcomeOfResult(result, undefined);
          });
        context.with(UNTRACED, send);
      } catch (error) {
        outcome = outcomeOfThrow(error);
      }
      return outcome;
    });
  }

  endBlocking(): void {}

  async forceFlush(): Promise<void> {
    await context.with(UNTRACED, async () => this.spanExporter.forceFlush?.());
  }

  async shutdown(): Promise<void> {
    await context.with(UNTRACED, async () => this.spanExporter.shutdown());
  }
}

/**
 * Observes an exporter's requests over `node:http` through diagnostics channels. OTLP exporters do not expose the
 * status and `Retry-After` of a retryable response or the rejected spans of a successful one. Observes only during an
 * export.
 */
class HttpExchange {
  #request: ClientRequest | undefined;
  #response: IncomingMessage | undefined;
  #retryAfter: string | undefined;
  #body: Buffer[] = [];
  #bytes = 0;
  #closed = false;

  /**
   * @param known with `sends`, this identifies the exporter's requests. Their own timeout is disabled, since the
   *   delivery has one, `Retry-After` is hidden from the exporter, and response bodies are read. Without `sends`,
   *   requests are identified by the async context of the export, and only the heads of responses are read. Node 20
   *   and 22 then track every promise of the process during the export.
   */
  constructor(private readonly known: Pick<KnownExporter, 'sends' | 'rejected'>) {}

  observe(work: () => void): void {
    if (open.size === 0) listen();
    open.add(this);
    if (this.known.sends === undefined) current.run(this, work);
    else work();
  }

  /** The response to the last request, once its headers have arrived. */
  get answer(): Answer | undefined {
    if (this.#response === undefined) return undefined;
    const { statusCode = 0 } = this.#response;
    return { status: statusCode, retryAfter: this.#retryAfter, rejected: this.#rejected(statusCode) };
  }

  #rejected(status: number): number {
    const isWhole = this.#bytes > 0 && this.#bytes < LONGEST_ANSWER;
    return status < 300 && isWhole ? (this.known.rejected?.(Buffer.concat(this.#body)) ?? 0) : 0;
  }

  /** Aborts a request without a response. Call before `close`. */
  abort(): void {
    this.#request?.destroy();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    open.delete(this);
    // A pooled connection keeps the context in which it was opened, and with it this object.
    this.#request = undefined;
    this.#response = undefined;
    if (open.size === 0) unlisten();
  }

  /** Each export is one request. */
  awaits(request: ClientRequest): boolean {
    return this.#request === undefined && this.known.sends?.(request) === true;
  }

  requested(request: ClientRequest): void {
    if (this.#closed) return;
    this.#request = request;
    this.#response = undefined;
    this.#body = [];
    this.#bytes = 0;
    exchanges.set(request, this);
    if (this.known.sends !== undefined) request.setTimeout(0);
  }

  responded(request: ClientRequest, response: IncomingMessage): void {
    if (this.#closed || request !== this.#request) return;
    this.#response = response;
    this.#retryAfter = response.headers['retry-after'];
    if (this.known.sends === undefined) return;
    // Hidden from the exporter, which retries at once for 0 or a past date.
    delete response.headers['retry-after'];
    response.on('data', (chunk: Buffer) => {
      if (this.#bytes < LONGEST_ANSWER) this.#body.push(chunk);
      this.#bytes += chunk.length;
    });
  }
}

const LONGEST_ANSWER = 16_384;
const current = new AsyncLocalStorage<HttpExchange>();
/** Matches a response by its request, since the socket may bring another context. */
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
  // Otherwise Node.js tracks promises for the rest of the process.
  disableStorage(current);
}
