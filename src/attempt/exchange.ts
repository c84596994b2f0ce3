import { classifyError } from '../error/index.js';
import type { Attempt, AttemptLog } from './attempt.js';
import { BodyCapture } from './body/capture.js';
import { contentKind } from './body/content-kind.js';
import { keptHeaderName } from './kept-headers.js';
import { headerValue, readHeaders } from './raw-headers.js';

const FAILURE_BODY_BYTES = 64 * 1024;

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

  constructor(
    private readonly attempt: Attempt,
    private readonly log: AttemptLog,
    private readonly now: () => number,
  ) {}

  requestHeaders(raw: unknown): void {
    const { attempt } = this;
    if (attempt.capture === 'full' && attempt.requestHeaders.length === 0)
      attempt.requestHeaders = readHeaders(raw);
  }

  requestChunk(chunk: Uint8Array | string): void {
    this.#sending = true;
    this.attempt.requestBody.add(chunk);
    this.log.active(this.now());
  }

  requestEnd(): void {
    this.#sending = false;
  }

  responseHeaders(statusCode: number, raw: unknown): void {
    // 100 to 199 announce another response to come; 101 is the end of HTTP and has no body to watch.
    if (statusCode < 200) return;
    this.attempt.statusCode = statusCode;
    this.attempt.responseHeaders = readHeaders(
      raw,
      this.attempt.capture === 'full' ? undefined : keptHeaderName,
    );
    // The one body that is looked at in errors mode is that of a failure, for its code and message.
    if (this.attempt.capture !== 'full' && statusCode >= 400) {
      this.attempt.responseBody = new BodyCapture(FAILURE_BODY_BYTES, this.attempt.budget);
    }
    this.log.active(this.now());
    // Nothing can follow, and undici never reports the end where such an answer announces a length.
    if (hasNoBody(this.attempt.method, statusCode)) this.responseEnd();
  }

  responseChunk(chunk: Uint8Array): void {
    const { attempt } = this;
    // A body may be read on after its step has ended and been written.
    if (attempt.endedAt !== undefined) return;
    const at = this.now();
    attempt.chunks += 1;
    attempt.lastChunkAt = at;
    attempt.responseBody.add(chunk);
    this.log.active(at);
  }

  responseEnd(): void {
    if (this.attempt.endedAt !== undefined) return;
    const failed = this.attempt.statusCode === undefined || this.attempt.statusCode >= 400;
    this.end(failed ? 'failed' : 'completed');
  }

  error(error: unknown): void {
    const status = this.isInterruption(error) ? 'interrupted' : 'failed';
    if (this.attempt.endedAt !== undefined && !(status === 'failed' && this.isCompletedEventStream())) return;
    this.attempt.error = error;
    this.end(status);
  }

  /**
   * Whether the application broke the exchange off. undici reports a body that its reader gave up as an error
   * that is `undefined`, or as a list of reasons, and an abort as the application's own reason, which may be
   * anything. What has no code was not the transport; while the request's body is being sent, it is the source
   * of that body which failed.
   */
  private isInterruption(error: unknown): boolean {
    if (error === undefined || Array.isArray(error)) return true;
    const { kind } = classifyError(error);
    if (kind === 'interrupted') return true;
    return kind !== 'timeout' && !hasCode(error) && !this.#sending;
  }

  private isCompletedEventStream(): boolean {
    const { status, responseHeaders } = this.attempt;
    return status === 'completed' && contentKind(headerValue(responseHeaders, 'content-type')) === 'sse';
  }

  private end(status: Attempt['status']): void {
    this.attempt.status = status;
    this.attempt.endedAt = this.now();
    this.log.ended(this.attempt);
  }
}

/** Reference row R6. */
function hasNoBody(method: string, statusCode: number): boolean {
  return method === 'HEAD' || statusCode === 204 || statusCode === 304;
}

/**
 * What undici and Node fail with has one, such as `UND_ERR_SOCKET` and `ECONNREFUSED`; undici's parser leaves
 * its own empty where llhttp runs without names.
 */
function hasCode(error: unknown): boolean {
  return typeof error === 'object' && error !== null && Object.hasOwn(error, 'code');
}
