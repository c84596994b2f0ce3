import type { RecognisedCall } from '../wire/format.js';
import { BodyFingerprint, modelAtHead } from '../wire/request-body.js';
import type { Abort } from './abort.js';
import {
  Attempt,
  type AttemptLimits,
  type AttemptListener,
  keptHeaderName,
  type RequestTarget,
} from './attempt.js';
import type { ByteBudget } from './body/capture.js';
import { FailureContent, MAX_HELD_BYTES } from './body/held-body.js';
import { Silence } from './chunk-timing.js';
import { Exchange, type ExchangeEvents, judging } from './exchange.js';
import type { JudgedResponse } from './judging.js';
import { ReceivedChunks } from './received-chunks.js';
import { headerValue, readHeaders } from './request-line.js';

export interface CallTarget extends RequestTarget {
  readonly call: RecognisedCall;
}

/** What is measured of a successful call. */
export type CompletedCall = Pick<
  Attempt,
  'status' | 'httpStatusCode' | 'endedAt' | 'model' | 'isStream' | 'received' | 'usageSource'
>;

interface HeldResponse extends JudgedResponse {
  /** When the headers came. */
  readonly at: number;
  /** Held if the content of a failing call may be written. */
  readonly content: FailureContent | undefined;
}

export interface HeldExchangeOptions {
  readonly request: CallTarget;
  readonly limits: AttemptLimits;
  /** Has the memory for the request's body. */
  readonly budget: ByteBudget;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * An exchange in errors capture, as the events that came so far. Nearly all calls end with an answer or a complete
 * stream, of which nothing is recorded: they need no other record. Any other event is passed to an {@link Exchange},
 * after the held events with their times. The first read of `attempt` creates that exchange as well.
 */
export abstract class HeldExchange implements ExchangeEvents, AttemptListener {
  readonly request: CallTarget;
  readonly startedAt: number;
  tapped: unknown = undefined;
  readonly #limits: AttemptLimits;
  readonly #budget: ByteBudget;
  readonly #now: () => number;
  #exchange: Exchange | undefined = undefined;
  #requestHeaders: unknown = undefined;
  /** Held until the response begins, or to the end if it may have to be written. */
  #requestBody: Uint8Array | string | undefined = undefined;
  #requestBytes = 0;
  #fingerprint: BodyFingerprint | undefined = undefined;
  #model: string | undefined = undefined;
  #sentAt: number | undefined = undefined;
  #response: HeldResponse | undefined = undefined;
  #silence: Silence | undefined = undefined;
  #completed: CompletedCall | undefined = undefined;

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

  /** Called at the end of a healthy response. Returns false if the call needs its attempt. */
  protected abstract succeeded(): boolean;

  get attempt(): Attempt {
    return this.#opened().attempt;
  }

  /** Read when the call has succeeded. */
  get completed(): CompletedCall {
    return this.#completed ?? this.attempt;
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
    if (this.#response === undefined) {
      this.#next()?.responseChunk(chunk);
      return;
    }
    this.#response.received.add(chunk.byteLength, this.#now());
    this.#response.evidence.add(chunk);
    this.#response.content?.response.add(chunk);
  }

  responseEnd(): void {
    const at = this.#now();
    if (this.#response !== undefined) {
      this.#completed = this.#completedAt(at, this.#response);
      if (this.#completed !== undefined && this.succeeded()) {
        this.#response.content?.release();
        this.#response = undefined;
        this.#releaseRequest();
        return;
      }
      this.#completed = undefined;
    }
    this.#next()?.responseEnd(at);
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
    return this.#silence.count(this.#lastByteAt, now, tickMillis, this.#response !== undefined);
  }

  /** As `Attempt.isSilentStreamAt`. */
  isSilentStreamAt(now: number): boolean {
    if (this.#exchange !== undefined) return this.#exchange.attempt.isSilentStreamAt(now);
    return this.#response !== undefined && this.#silence?.isReportedAt(this.#lastByteAt, now) === true;
  }

  get #lastByteAt(): number | undefined {
    return this.#response?.received.lastAt ?? this.#response?.at ?? this.#sentAt;
  }

  /** Also after the end, when late events are dropped. */
  get #hasResponse(): boolean {
    return this.#response !== undefined || this.#completed !== undefined;
  }

  #holdsRequest(chunk: Uint8Array | string): boolean {
    if (this.#requestBody !== undefined || this.#hasResponse) return false;
    const bytes = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength;
    if (bytes > MAX_HELD_BYTES || !this.#budget.fits(bytes) || !this.#budget.take(bytes)) return false;
    this.#requestBody = chunk;
    this.#requestBytes = bytes;
    return true;
  }

  #holdsHeaders(statusCode: number, raw: unknown): boolean {
    if (statusCode !== 200 || this.#hasResponse || this.request.method !== 'POST') return false;
    const { failureContentBytes, readsUsage, timesChunks } = this.#limits;
    const headers = readHeaders(raw, keptHeaderName);
    const encoding = headerValue(headers, 'content-encoding');
    const isContentHeld = failureContentBytes > 0;
    this.#response = {
      at: this.#now(),
      headers,
      evidence: new (judging().ResponseEvidence)(encoding, this.#budget, readsUsage?.() === true),
      received: new ReceivedChunks(this.startedAt, timesChunks?.() === true),
      content: isContentHeld ? new FailureContent(failureContentBytes, this.#budget) : undefined,
    };
    if (this.#response.content === undefined) this.#digestRequest();
    else this.#response.content.responseHeaders = raw;
    return true;
  }

  #digestRequest(): void {
    if (this.#requestBody === undefined) return;
    this.#model = this.#readModel();
    this.#fingerprint = new BodyFingerprint();
    this.#fingerprint.add(this.#requestBody);
    this.#releaseRequest();
  }

  #completedAt(at: number, response: HeldResponse): CompletedCall | undefined {
    const { call } = this.request;
    const healthy = judging().healthyResponse(call, response);
    if (healthy === undefined) return undefined;
    const { evidence, received } = response;
    return {
      status: 'completed',
      httpStatusCode: 200,
      endedAt: at,
      model: this.#readModel(),
      isStream: healthy.isStream,
      received,
      usageSource: evidence.keepsText ? { format: call.format, evidence } : undefined,
    };
  }

  /** The model in the request, as far as errors capture reads it. */
  #readModel(): string | undefined {
    const { model, format } = this.request.call;
    if (model !== undefined) return undefined;
    const inBody = this.#requestBody === undefined ? this.#model : modelAtHead(this.#requestBody);
    if (inBody !== undefined || format.modelHeader === undefined) return inBody;
    return headerValue(readHeaders(this.#requestHeaders), format.modelHeader);
  }

  /** The exchange that takes the next event; `undefined` after a completed call. */
  #next(): Exchange | undefined {
    return this.#completed === undefined ? this.#opened() : undefined;
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
    const exchange = new Exchange(attempt, this, this.#now);
    const response = this.#response;
    const body = this.#requestBody;
    this.#releaseRequest();
    attempt.continueSilence(this.#silence);
    attempt.fingerprint = this.#fingerprint ?? new BodyFingerprint();
    attempt.model = this.#model;
    attempt.evidence = response?.evidence;
    if (response?.content !== undefined) attempt.content = response.content;
    if (body === undefined) attempt.requestBytes = this.#requestBytes;
    else exchange.requestChunk(body);
    if (this.#requestHeaders !== undefined) exchange.requestHeaders(this.#requestHeaders);
    if (this.#sentAt !== undefined) exchange.requestEnd(this.#sentAt);
    if (response !== undefined) {
      exchange.responseHeaders(200, response.content?.responseHeaders ?? response.headers, response.at);
      attempt.received = response.received;
      attempt.lastByteAt = this.#lastByteAt;
    }
    this.#requestHeaders = undefined;
    this.#response = undefined;
    return exchange;
  }

  #releaseRequest(): void {
    if (this.#requestBody === undefined) return;
    this.#budget.release(this.#requestBytes);
    this.#requestBody = undefined;
  }
}
