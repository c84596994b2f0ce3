import { contentKind } from '../content-kind.js';
import { lazy } from '../loading.js';
import { streamFraming, type WireFormat } from '../wire/format.js';
import { modelAtHead } from '../wire/request-body.js';
import { type Abort, abortBehind, recordAbort } from './abort.js';
import { type Attempt, type AttemptListener, keptHeaderName } from './attempt.js';
import { BodyCapture } from './body/capture.js';
import { isErrorStatus } from './failure.js';
import { headerValue, readHeaders } from './request-line.js';
import type { ResponseEvidence, ResponseReading } from './response-evidence.js';

/** The status until the body has been judged. */
const STATUS_BY_ENDING = { clean: 'completed', broken: 'failed', aborted: 'interrupted' } as const;
const FAILURE_BODY_BYTES = 64 * 1024;

/**
 * Headers with the timeout of a client in seconds. The SDKs of OpenAI and Anthropic wait that long for a response to
 * begin (rounded down), Google's for the whole response (rounded up).
 */
const TIMEOUT_HEADERS = [
  { name: 'x-stainless-timeout', coversBody: false },
  { name: 'x-server-timeout', coversBody: true },
] as const;

/** The client's timer starts before its request. */
const EARLY_MILLIS = 250;

/** Loaded with the first response, since the first request already loads a lot. */
export const judging: () => typeof import('./judging.js') = lazy(
  () => require('./judging.js') as typeof import('./judging.js'),
);

/** Takes the events of one request. */
export type ExchangeEvents = Pick<
  Exchange,
  | 'attempt'
  | 'tapped'
  | 'requestHeaders'
  | 'requestChunk'
  | 'requestEnd'
  | 'responseHeaders'
  | 'responseChunk'
  | 'responseDropped'
  | 'responseEnd'
  | 'error'
  | 'failed'
  | 'bodyNotObserved'
>;

/**
 * Turns the events of one request into its attempt, and is the only writer of the attempt's fields. Events may be
 * repeated and may come after the end. The first end wins, except that a completed event stream may still fail when it
 * closes. An event that was held passes its time, in monotonic milliseconds.
 */
export class Exchange {
  /** The last chunk that was seen by a tapped method rather than by undici's channels. */
  tapped: unknown;
  #sending = false;
  #requestHeaders: unknown;

  constructor(
    readonly attempt: Attempt,
    private readonly listener: AttemptListener,
    private readonly now: () => number,
  ) {}

  requestHeaders(raw: unknown): void {
    const { attempt } = this;
    this.#requestHeaders = raw;
    if (attempt.content !== undefined) attempt.content.requestHeaders = raw;
    if (attempt.capture === 'full' && attempt.requestHeaders.length === 0)
      attempt.requestHeaders = readHeaders(raw);
    const { modelHeader, streamHeader } = attempt.call?.format ?? {};
    if (modelHeader !== undefined) attempt.model ??= headerValue(readHeaders(raw), modelHeader);
    if (streamHeader !== undefined)
      attempt.operation = headerValue(readHeaders(raw), streamHeader) === 'true' ? 'stream' : 'generate';
  }

  requestChunk(chunk: Uint8Array | string): void {
    const { attempt } = this;
    this.#sending = true;
    if (attempt.requestBytes === 0) this.readModel(chunk);
    attempt.requestBytes += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength;
    attempt.requestBody?.add(chunk);
    attempt.fingerprint?.add(chunk);
    attempt.heldRequest?.add(chunk);
    this.listener.active(this.now());
  }

  requestEnd(at = this.now()): void {
    this.#sending = false;
    this.attempt.requestIsWhole = true;
    this.attempt.lastByteAt ??= at;
    this.listener.requestSent?.(this.attempt);
  }

  responseHeaders(statusCode: number, raw: unknown, at = this.now()): void {
    // After an informational response another one follows; after 101 the connection is no longer HTTP.
    if (statusCode < 200) return;
    const { attempt } = this;
    attempt.statusCode = statusCode;
    attempt.lastByteAt = at;
    if (attempt.content !== undefined) attempt.content.responseHeaders = raw;
    attempt.responseHeaders = readHeaders(raw, attempt.capture === 'full' ? undefined : keptHeaderName);
    this.#beginBody(statusCode);
    this.listener.active(at);
    if (statusCode >= 400) this.listener.errorStatus?.(attempt);
    // undici never reports the end of a response without a body that has a `content-length`.
    if (responseHasNoBody(attempt.method, statusCode)) this.responseEnd();
  }

  responseChunk(chunk: Uint8Array, at = this.now()): void {
    const { attempt } = this;
    if (attempt.endedAt !== undefined) return;
    attempt.received.add(chunk.byteLength, at);
    attempt.lastByteAt = at;
    attempt.evidence?.add(chunk);
    attempt.failureBody?.add(chunk);
    attempt.responseBody?.add(chunk);
    attempt.reading?.add(chunk);
    attempt.content?.response.add(chunk);
    this.listener.active(at);
  }

  /** Call when the client has discarded the response's body, or the rest of it, unobserved. */
  responseDropped(): void {
    const { attempt } = this;
    attempt.unobservedBody = 'response';
    attempt.evidence?.release();
    attempt.evidence = undefined;
  }

  responseEnd(at = this.now()): void {
    if (this.attempt.endedAt !== undefined) return;
    this.end('clean', at);
  }

  error(error: unknown): void {
    this.failed(error, abortBehind(error, this.attempt.statusCode !== undefined, this.#sending));
  }

  failed(error: unknown, abort: Abort | undefined): void {
    const { attempt } = this;
    if (attempt.endedAt !== undefined && (abort !== undefined || !this.isCompletedEventStream())) return;
    const timeout = abort && (abort.deadline ?? clientTimeout(attempt, this.now(), this.#requestHeaders));
    attempt.error = timeout ?? error;
    if (attempt.requestBytes === 0) attempt.announcedBytes = contentLength(this.#requestHeaders);
    const isAborted = abort !== undefined && timeout === undefined;
    // Leaving an error body unread is not an interruption.
    if (isAborted && !isErrorStatus(attempt)) recordAbort(attempt, abort);
    this.end(isAborted ? 'aborted' : 'broken');
  }

  /** Call if the response's body is not observable: it is not judged. */
  bodyNotObserved(): void {
    const { attempt } = this;
    attempt.evidence?.release();
    attempt.evidence = undefined;
    attempt.reading = undefined;
    this.responseEnd();
  }

  private isCompletedEventStream(): boolean {
    const { status, responseHeaders } = this.attempt;
    return (
      status === 'completed' && streamFraming(headerValue(responseHeaders, 'content-type')) !== undefined
    );
  }

  #beginBody(statusCode: number): void {
    const { attempt } = this;
    if (statusCode >= 400) {
      attempt.failureBody = new BodyCapture(FAILURE_BODY_BYTES, attempt.budget);
      return;
    }
    if (attempt.content === undefined) {
      attempt.heldRequest?.release();
      attempt.heldRequest = undefined;
    }
    attempt.evidence ??= openEvidence(attempt);
    if (attempt.capture === 'full' && attempt.call !== undefined && attempt.evidence !== undefined)
      attempt.reading = openReading(attempt, attempt.call.format, attempt.evidence);
  }

  private end(ending: NonNullable<Attempt['ending']>, at = this.now()): void {
    const { attempt } = this;
    attempt.ending = ending;
    attempt.endedAt = at;
    attempt.status = isErrorStatus(attempt) ? 'failed' : STATUS_BY_ENDING[ending];
    attempt.isJudged = false;
    if (attempt.evidence?.isQuick() !== false) judgeAttempt(attempt);
    this.listener.ended(attempt);
  }

  /** Errors capture does not parse the request's body: it reads the model in its head. */
  private readModel(chunk: Uint8Array | string): void {
    const { attempt } = this;
    if (attempt.call === undefined || attempt.call.model !== undefined || attempt.capture === 'full') return;
    attempt.model = modelAtHead(chunk);
  }
}

function contentLength(raw: unknown): number | undefined {
  const length = headerValue(readHeaders(raw), 'content-length');
  return length === undefined ? undefined : Number(length);
}

/** RFC 9110, 6.4.1. */
function responseHasNoBody(method: string, statusCode: number): boolean {
  return method === 'HEAD' || statusCode === 204 || statusCode === 304;
}

function openEvidence(attempt: Attempt): ResponseEvidence | undefined {
  const { call, statusCode = 0, responseHeaders } = attempt;
  if (statusCode < 200 || statusCode >= 300) return undefined;
  const isJson = contentKind(headerValue(responseHeaders, 'content-type')) === 'json';
  if (call === undefined && !isJson) return undefined;
  const encoding = headerValue(responseHeaders, 'content-encoding');
  return new (judging().ResponseEvidence)(encoding, attempt.budget, attempt.readsUsage === true);
}

function openReading(
  { responseHeaders }: Attempt,
  format: WireFormat,
  { isEncoded }: ResponseEvidence,
): ResponseReading {
  const framing = isEncoded ? undefined : streamFraming(headerValue(responseHeaders, 'content-type'));
  return new (judging().ResponseReading)(format, framing);
}

export function judgeAttempt(attempt: Attempt): void {
  const { ending } = attempt;
  if (ending === undefined || attempt.isJudged) return;
  attempt.isJudged = true;
  judging().applyVerdict(attempt, ending);
}

/** The client's own timeout, which it announces in a request header. */
class ClientTimeoutError extends Error {
  override readonly name = 'ClientTimeoutError';

  constructor(seconds: number) {
    super(`the client timed out after ${seconds} s`);
  }
}

/**
 * Returns the client's own timeout if that caused an abort; `undefined` if the abort came earlier or the client
 * announces no timeout.
 *
 * @param at time of the abort, in monotonic milliseconds
 * @param requestHeaders in one of the shapes that `readHeaders` reads
 */
export function clientTimeout(
  { startedAt, statusCode }: Attempt,
  at: number,
  requestHeaders: unknown,
): ClientTimeoutError | undefined {
  const headers = readHeaders(requestHeaders);
  for (const { name, coversBody } of TIMEOUT_HEADERS) {
    const seconds = Number(headerValue(headers, name));
    if (!(seconds > 0) || (statusCode !== undefined && !coversBody)) continue;
    if (at - startedAt >= seconds * 1_000 - EARLY_MILLIS) return new ClientTimeoutError(seconds);
  }
  return undefined;
}
