import { modelIn } from '../wire/json/request-head.js';
import { streamFraming } from '../wire/stream/stream-framing.js';
import { abortBehind, noteAbort } from './abort.js';
import { AnswerReading } from './answer-reading.js';
import type { Attempt, AttemptLog } from './attempt.js';
import { BodyCapture } from './body/capture.js';
import { clientTimeout } from './client-timeout.js';
import { isFailedAnswer } from './failure.js';
import { evidenceFor, judgeAttempt } from './judge.js';
import { keptHeaderName } from './kept-headers.js';
import { headerValue, readHeaders } from './raw-headers.js';

/** What holds until the body has been judged. */
const STATUS_BY_ENDING = { clean: 'completed', broken: 'failed', aborted: 'interrupted' } as const;
const FAILURE_BODY_BYTES = 64 * 1024;
/** As much of a request's body as its model is looked for in. */
const HEAD_LENGTH = 1_024;

/**
 * What undici tells of one request, turned into its attempt: the only writer of an attempt's fields. Events
 * may come in any number and after the end; the first end wins, but for an event stream, which is judged
 * complete when it ends and may still fail in closing (reference row R5).
 */
export class Exchange {
  /** The last chunk that came through a tapped method rather than through undici's channels. */
  tapped: unknown;
  /** The request's body has begun and is not all sent. */
  #sending = false;
  #requestHeaders: unknown;

  constructor(
    private readonly attempt: Attempt,
    private readonly log: AttemptLog,
    private readonly now: () => number,
  ) {}

  requestHeaders(raw: unknown): void {
    const { attempt } = this;
    this.#requestHeaders = raw;
    if (attempt.capture === 'full' && attempt.requestHeaders.length === 0)
      attempt.requestHeaders = readHeaders(raw);
    const name = attempt.call?.format.modelHeader;
    if (name !== undefined) attempt.model ??= headerValue(readHeaders(raw), name);
  }

  requestChunk(chunk: Uint8Array | string): void {
    const { attempt } = this;
    this.#sending = true;
    if (attempt.requestBytes === 0) this.readModel(chunk);
    attempt.requestBytes += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength;
    attempt.requestBody?.add(chunk);
    attempt.fingerprint?.add(chunk);
    attempt.sent?.add(chunk);
    this.log.active(this.now());
  }

  requestEnd(): void {
    this.#sending = false;
    this.attempt.requestIsWhole = true;
    this.attempt.lastByteAt ??= this.now();
    this.log.requestSent?.(this.attempt);
  }

  responseHeaders(statusCode: number, raw: unknown): void {
    // 100 to 199 announce another response to come; 101 is the end of HTTP and has no body to watch.
    if (statusCode < 200) return;
    const { attempt } = this;
    const at = this.now();
    attempt.statusCode = statusCode;
    attempt.lastByteAt = at;
    attempt.responseHeaders = readHeaders(raw, attempt.capture === 'full' ? undefined : keptHeaderName);
    this.#beginBody(statusCode);
    this.log.active(at);
    if (statusCode >= 400) this.log.refused?.(attempt);
    // Nothing can follow, and undici never reports the end where such an answer announces a length.
    if (hasNoBody(attempt.method, statusCode)) this.responseEnd();
  }

  responseChunk(chunk: Uint8Array): void {
    const { attempt } = this;
    // A body may be read on after its step has ended and been written.
    if (attempt.endedAt !== undefined) return;
    const at = this.now();
    attempt.chunks += 1;
    attempt.firstChunkAt ??= at;
    const gap = at - (attempt.lastChunkAt ?? at);
    if (gap > attempt.longestGapMillis) attempt.longestGapMillis = gap;
    attempt.lastChunkAt = at;
    attempt.lastByteAt = at;
    attempt.responseBytes += chunk.byteLength;
    attempt.evidence?.add(chunk);
    attempt.failureBody?.add(chunk);
    attempt.responseBody?.add(chunk);
    attempt.reading?.add(chunk);
    this.log.active(at);
  }

  responseEnd(): void {
    if (this.attempt.endedAt !== undefined) return;
    this.end('clean');
  }

  error(error: unknown): void {
    const { attempt } = this;
    const abort = abortBehind(error, attempt.statusCode !== undefined, this.#sending);
    if (attempt.endedAt !== undefined && (abort !== undefined || !this.isCompletedEventStream())) return;
    const timeout = abort && (abort.deadline ?? clientTimeout(attempt, this.now(), this.#requestHeaders));
    attempt.error = timeout ?? error;
    if (attempt.requestBytes === 0) attempt.announcedBytes = contentLength(this.#requestHeaders);
    const isAborted = abort !== undefined && timeout === undefined;
    // Leaving an error body unread is not an interruption.
    if (isAborted && !isFailedAnswer(attempt)) noteAbort(attempt, abort);
    this.end(isAborted ? 'aborted' : 'broken');
  }

  private isCompletedEventStream(): boolean {
    const { status, responseHeaders } = this.attempt;
    return (
      status === 'completed' && streamFraming(headerValue(responseHeaders, 'content-type')) !== undefined
    );
  }

  /** Begins to keep what is needed of the body of the response. */
  #beginBody(statusCode: number): void {
    const { attempt } = this;
    if (statusCode >= 400) {
      attempt.failureBody = new BodyCapture(FAILURE_BODY_BYTES, attempt.budget);
      return;
    }
    attempt.sent?.release();
    attempt.evidence = evidenceFor(attempt);
    if (attempt.capture !== 'full' || attempt.call === undefined || attempt.evidence === undefined) return;
    const framing = streamFraming(headerValue(attempt.responseHeaders, 'content-type'));
    attempt.reading = new AnswerReading(
      attempt.call.format,
      attempt.evidence.isEncoded ? undefined : framing,
    );
  }

  private end(ending: NonNullable<Attempt['ending']>): void {
    const { attempt } = this;
    attempt.ending = ending;
    attempt.endedAt = this.now();
    attempt.status = isFailedAnswer(attempt) ? 'failed' : STATUS_BY_ENDING[ending];
    attempt.isJudged = false;
    if (!attempt.evidence?.isSlow) judgeAttempt(attempt);
    this.log.ended(attempt);
  }

  /** Outside full capture the request's body is not kept: of its beginning, the model is. */
  private readModel(chunk: Uint8Array | string): void {
    const { attempt } = this;
    if (attempt.call === undefined || attempt.call.model !== undefined || attempt.capture === 'full') return;
    attempt.model = modelAtHeadOf(
      typeof chunk === 'string' ? Buffer.from(chunk.slice(0, HEAD_LENGTH)) : chunk,
    );
  }
}

/** Most requests begin as the one before did: with the same model. */
let lastHead = Buffer.alloc(0);
let lastModel: string | undefined;

function modelAtHeadOf(chunk: Uint8Array): string | undefined {
  const { length } = lastHead;
  if (length > 0 && chunk.length >= length && lastHead.compare(chunk, 0, length) === 0) return lastModel;
  const model = modelIn(chunk);
  const end = model === undefined ? -1 : endOfModel(chunk, model);
  lastHead = Buffer.from(chunk.subarray(0, Math.max(0, end)));
  lastModel = model;
  return model;
}

/** Behind a model that the body begins with; -1 if it does not. */
function endOfModel(chunk: Uint8Array, model: string): number {
  const start = `{"model":"${model}"`;
  const bytes = Buffer.from(start);
  return chunk.length > bytes.length && bytes.compare(chunk, 0, bytes.length) === 0 ? bytes.length : -1;
}

function contentLength(raw: unknown): number | undefined {
  const length = headerValue(readHeaders(raw), 'content-length');
  return length === undefined ? undefined : Number(length);
}

/** Reference row R6. */
function hasNoBody(method: string, statusCode: number): boolean {
  return method === 'HEAD' || statusCode === 204 || statusCode === 304;
}
