import { contentKind } from '../content-kind.js';
import { BodyFingerprint, modelAtHead } from '../wire/request-body.js';
import type { Abort } from './abort.js';
import { Attempt, type AttemptLimits, type AttemptListener, type RequestTarget } from './attempt.js';
import type { ByteBudget } from './body/capture.js';
import { Silence } from './chunk-timing.js';
import { Exchange, type ExchangeEvents, judging } from './exchange.js';
import { headerText, isHeader } from './request-line.js';

/** Bytes of a request's body that are held. */
const REQUEST_BYTES = 65_536;
/** Bytes of a response's body that are held, as they are sent. */
const RESPONSE_BYTES = 16_384;

interface TimedChunk {
  readonly chunk: Uint8Array;
  readonly at: number;
}

export interface HeldExchangeOptions {
  readonly request: RequestTarget;
  readonly limits: AttemptLimits;
  /** Has the memory for the request's body. */
  readonly budget: ByteBudget;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * An exchange in errors capture, as the events that came so far. Nearly all calls end with an ordinary JSON answer of a
 * few kilobytes, often compressed: they need no other record. Any other event is passed to an {@link Exchange}, after the
 * held events with their times. The first read of `attempt` creates that exchange as well.
 */
export abstract class HeldExchange implements ExchangeEvents, AttemptListener {
  readonly request: RequestTarget;
  readonly startedAt: number;
  tapped: unknown = undefined;
  readonly #limits: AttemptLimits;
  readonly #budget: ByteBudget;
  readonly #now: () => number;
  #exchange: Exchange | undefined = undefined;
  #requestHeaders: unknown = undefined;
  #requestBody: Uint8Array | string | undefined = undefined;
  #requestBytes = 0;
  #sentAt: number | undefined = undefined;
  #answeredAt: number | undefined = undefined;
  #responseHeaders: unknown = undefined;
  #contentEncoding: string | undefined = undefined;
  #announcedBytes: number | undefined = undefined;
  #body: TimedChunk[] | undefined = undefined;
  #bodyBytes = 0;
  #silence: Silence | undefined = undefined;
  #endedAt: number | undefined = undefined;

  constructor({ request, limits, budget, now }: HeldExchangeOptions) {
    this.request = request;
    this.startedAt = request.startedAt ?? now();
    this.#limits = limits;
    this.#budget = budget;
    this.#now = now;
  }

  abstract active(at: number): void;
  abstract errorStatus(attempt: Attempt): void;
  abstract ended(attempt: Attempt): void;

  /** Called at the end of an ordinary answer. Returns false if the call needs its attempt. */
  protected abstract succeeded(): boolean;

  /** Whether the events have been passed to an exchange. */
  get hasAttempt(): boolean {
    return this.#exchange !== undefined;
  }

  get attempt(): Attempt {
    return this.#opened().attempt;
  }

  get firstChunkAt(): number | undefined {
    return this.#exchange === undefined ? this.#body?.[0]?.at : this.#exchange.attempt.firstChunkAt;
  }

  get endedAt(): number | undefined {
    return this.#exchange === undefined ? this.#endedAt : this.#exchange.attempt.endedAt;
  }

  /** The model in the request, as far as errors capture reads it. */
  get model(): string | undefined {
    const { call } = this.request;
    if (this.#exchange !== undefined || call?.format.modelHeader !== undefined) return this.attempt.model;
    return this.#requestBody === undefined || call?.model !== undefined
      ? undefined
      : modelAtHead(this.#requestBody);
  }

  requestHeaders(raw: unknown): void {
    if (this.#exchange === undefined) this.#requestHeaders = raw;
    else this.#exchange.requestHeaders(raw);
  }

  requestChunk(chunk: Uint8Array | string): void {
    if (this.#exchange !== undefined || !this.#holdsRequest(chunk)) this.#next()?.requestChunk(chunk);
  }

  requestEnd(): void {
    if (this.#exchange === undefined) this.#sentAt ??= this.#now();
    else this.#exchange.requestEnd();
  }

  responseHeaders(statusCode: number, raw: unknown): void {
    if (this.#exchange !== undefined || !this.#holdsHeaders(statusCode, raw))
      this.#next()?.responseHeaders(statusCode, raw);
  }

  responseChunk(chunk: Uint8Array): void {
    if (this.#exchange !== undefined || !this.#holdsResponse(chunk)) this.#next()?.responseChunk(chunk);
  }

  responseEnd(): void {
    if (this.#exchange === undefined && this.#hasOrdinaryAnswer()) {
      this.#endedAt = this.#now();
      if (this.succeeded()) {
        this.#release();
        return;
      }
      this.#endedAt = undefined;
    }
    this.#next()?.responseEnd();
  }

  responseDropped(): void {
    this.#next()?.responseDropped();
  }

  bodyNotObserved(): void {
    this.#next()?.bodyNotObserved();
  }

  error(error: unknown): void {
    this.#next()?.error(error);
  }

  failed(error: unknown, abort: Abort | undefined): void {
    this.#next()?.failed(error, abort);
  }

  /** As `Attempt.countSilence`. */
  countSilence(now: number, tickMillis: number): boolean {
    if (this.#exchange !== undefined) return this.#exchange.attempt.countSilence(now, tickMillis);
    this.#silence ??= new Silence(this.#limits.stallMillis);
    return this.#silence.count(this.#lastByteAt, now, tickMillis, this.#answeredAt !== undefined);
  }

  /** As `Attempt.isSilentStreamAt`. */
  isSilentStreamAt(now: number): boolean {
    if (this.#exchange !== undefined) return this.#exchange.attempt.isSilentStreamAt(now);
    return this.#answeredAt !== undefined && this.#silence?.isReportedAt(this.#lastByteAt, now) === true;
  }

  get #lastByteAt(): number | undefined {
    return this.#body?.at(-1)?.at ?? this.#answeredAt ?? this.#sentAt;
  }

  #holdsRequest(chunk: Uint8Array | string): boolean {
    if (this.#requestBody !== undefined || this.#answeredAt !== undefined) return false;
    const bytes = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength;
    if (bytes > REQUEST_BYTES || !this.#budget.fits(bytes) || !this.#budget.take(bytes)) return false;
    this.#requestBody = chunk;
    this.#requestBytes = bytes;
    return true;
  }

  /** True for the headers of a JSON answer. */
  #holdsHeaders(statusCode: number, raw: unknown): boolean {
    if (statusCode !== 200 || this.#answeredAt !== undefined || this.request.method !== 'POST') return false;
    // The usage is read of an attempt.
    if (!Array.isArray(raw) || this.#limits.readsUsage?.()) return false;
    let type: unknown;
    let length: unknown;
    let encoding: unknown;
    for (let i = 0; i < raw.length; i += 2) {
      const name: unknown = raw[i];
      if (isHeader(name, 'content-type')) type ??= raw[i + 1];
      else if (isHeader(name, 'content-length')) length ??= raw[i + 1];
      else if (isHeader(name, 'content-encoding')) encoding ??= raw[i + 1];
    }
    if (type === undefined || contentKind(headerText(type)) !== 'json') return false;
    this.#announcedBytes = length === undefined ? undefined : Number(headerText(length));
    this.#contentEncoding = encoding === undefined ? undefined : headerText(encoding);
    this.#responseHeaders = raw;
    this.#answeredAt = this.#now();
    return true;
  }

  #holdsResponse(chunk: Uint8Array): boolean {
    const bytes = this.#bodyBytes + chunk.byteLength;
    if (this.#answeredAt === undefined || bytes >= RESPONSE_BYTES) return false;
    this.#bodyBytes = bytes;
    this.#body ??= [];
    this.#body.push({ chunk, at: this.#now() });
    return true;
  }

  #hasOrdinaryAnswer(): boolean {
    const [first, ...later] = this.#body ?? [];
    if (first === undefined || (this.#announcedBytes ?? this.#bodyBytes) !== this.#bodyBytes) return false;
    const whole =
      later.length === 0 ? first.chunk : Buffer.concat([first, ...later].map(({ chunk }) => chunk));
    return judging().isOrdinaryEncodedBody(whole, this.#contentEncoding);
  }

  /** The exchange that takes the next event; `undefined` after an ordinary answer. */
  #next(): Exchange | undefined {
    return this.#endedAt === undefined ? this.#opened() : undefined;
  }

  /** The exchange with all events so far. No event is held from now on. */
  #opened(): Exchange {
    this.#exchange ??= this.#replayed();
    return this.#exchange;
  }

  #replayed(): Exchange {
    const attempt = new Attempt(this.request, this.startedAt, 'errors', this.#limits, {
      budget: this.#budget,
    });
    attempt.fingerprint = new BodyFingerprint();
    attempt.continueSilence(this.#silence);
    const exchange = new Exchange(attempt, this, this.#now);
    const body = this.#requestBody;
    const response = this.#body ?? [];
    this.#release();
    if (body !== undefined) exchange.requestChunk(body);
    if (this.#requestHeaders !== undefined) exchange.requestHeaders(this.#requestHeaders);
    if (this.#sentAt !== undefined) exchange.requestEnd(this.#sentAt);
    if (this.#answeredAt !== undefined)
      exchange.responseHeaders(200, this.#responseHeaders, this.#answeredAt);
    for (const { chunk, at } of response) exchange.responseChunk(chunk, at);
    this.#requestHeaders = undefined;
    this.#responseHeaders = undefined;
    return exchange;
  }

  #release(): void {
    this.#budget.release(this.#requestBytes);
    this.#requestBytes = 0;
    this.#requestBody = undefined;
    this.#body = undefined;
  }
}
