import type { Classification } from '../error/index.js';
import type { Capture } from '../types.js';
import type { ResponseState } from '../verdict/frame.js';
import type { BodyFingerprint } from '../wire/body-fingerprint.js';
import type { RecognisedCall } from '../wire/format.js';
import type { AnswerReading } from './answer-reading.js';
import type { ByteBudget } from './body/byte-budget.js';
import { BodyCapture } from './body/capture.js';
import { HeldChunks } from './body/held-chunks.js';
import { keptHeaderName } from './kept-headers.js';
import { type HeaderList, readHeaders } from './raw-headers.js';
import type { ResponseEvidence } from './response-evidence.js';
import { Silence } from './silence.js';
import type { Target } from './target.js';

/** How an HTTP exchange ended, or that it has not. */
export type AttemptStatus = 'in_progress' | 'completed' | 'failed' | 'interrupted';

/** What a request says of itself when it begins. */
export interface RequestTarget extends Target {
  readonly method: string;
  /** The model call that it makes, where its line tells. */
  readonly call: RecognisedCall | undefined;
  /** The headers that it begins with, in one of the shapes that `readHeaders` reads. */
  readonly headers: unknown;
  /** Nothing of its bodies can be seen: the client does not use undici. Default: false. */
  readonly bodiesOutOfReach?: boolean;
}

/** An exchange that is recorded, and who is told of it. */
export interface BegunAttempt {
  readonly attempt: Attempt;
  readonly log: AttemptLog;
}

export interface AttemptLimits {
  readonly maxBodyBytes: number;
  /** Silence of a provider after which an abort is an error, in milliseconds; 0 for none. */
  readonly stallMillis: number;
}

/** One HTTP exchange, as it is recorded while it goes on. Times are monotonic milliseconds. */
export class Attempt {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly call: RecognisedCall | undefined;
  /** How much of each body is kept as its text in full capture, in bytes. */
  readonly bodyLimit: number;
  readonly budget: ByteBudget;
  readonly #stallMillis: number;
  /** From the first tick on. */
  #silence: Silence | undefined;
  /** Of its bodies nothing is known, not even that there is none. */
  readonly bodiesOutOfReach: boolean;
  /** In full capture. */
  requestBody: BodyCapture | undefined;
  /** In full capture. */
  responseBody: BodyCapture | undefined;
  /** The beginning of the body of a failed response, for its code and message. */
  failureBody: BodyCapture | undefined;
  /** What the body of a successful response says about the call. */
  evidence: ResponseEvidence | undefined;
  /** What full capture records of the answer to a model call. */
  reading: AnswerReading | undefined;
  /** Its request's body until the answer is known to be none of an error: in errors mode, of a recognised call. */
  readonly sent: HeldChunks | undefined;
  status: AttemptStatus = 'in_progress';
  endedAt: number | undefined = undefined;
  requestHeaders: HeaderList = NO_HEADERS;
  responseHeaders: HeaderList = NO_HEADERS;
  statusCode: number | undefined = undefined;
  /** How the exchange ended on the wire. */
  ending: 'clean' | 'broken' | 'aborted' | undefined = undefined;
  /** `status` is final: the body of the response has been judged. */
  isJudged = false;
  /**
   * What the exchange failed with or was aborted with: an error of the transport, the reason of an abort, or the
   * error in the body of a successful response. `undefined` as well where undici gives no reason.
   */
  error: unknown = undefined;
  /** A failed response as `classifyError` reads it, once somebody has asked. */
  failure: object | undefined = undefined;
  classified: { readonly provider: string | undefined; readonly classification: Classification } | undefined =
    undefined;
  /** From 1 within its step, in the order in which the requests began; 0 while it belongs to none. */
  number = 0;
  /** The model that the beginning of the request's body names; outside full capture, where no more is read. */
  model: string | undefined = undefined;
  /** Tells whether another request has the same body; only where tries of one call are to be found. */
  fingerprint: BodyFingerprint | undefined = undefined;
  /** The body of a successful response says that the call failed: known when it has been judged. */
  hasErrorInBody = false;
  /** The response of the Responses API that the body is or belongs to. */
  response: ResponseState | undefined = undefined;
  /** The answer came as a stream: known when it has been judged, as the name of the last event. */
  isStream = false;
  lastEvent: string | undefined = undefined;
  /** Pieces of the response's body, as they came from the network. */
  chunks = 0;
  responseBytes = 0;
  requestBytes = 0;
  /** The length of the request's body by its headers; read where the request failed before its body was sent. */
  announcedBytes: number | undefined = undefined;
  /** All of the request's body has been sent. */
  requestIsWhole = false;
  /** When the provider was heard last, or all of the request had been sent to it. */
  lastByteAt: number | undefined = undefined;
  /** The longest time between two pieces of the response's body, in milliseconds. */
  longestGapMillis = 0;
  /** It was aborted after a silence of the provider. */
  isStalled = false;
  firstChunkAt: number | undefined = undefined;
  lastChunkAt: number | undefined = undefined;
  /** The response's body as text, once somebody has asked for it. */
  responseText: BodyText | undefined = undefined;

  constructor(
    { method, origin, path, call, bodiesOutOfReach = false }: RequestTarget,
    readonly startedAt: number,
    public capture: Capture,
    { maxBodyBytes, stallMillis }: AttemptLimits,
    /** Whose budget the memory for its bodies is taken from. */
    owner: { readonly budget: ByteBudget },
  ) {
    this.method = method;
    this.origin = origin;
    this.path = path;
    this.call = call;
    this.bodiesOutOfReach = bodiesOutOfReach;
    this.bodyLimit = maxBodyBytes;
    this.#stallMillis = stallMillis;
    this.budget = owner.budget;
    const isFull = capture === 'full';
    this.requestBody = isFull ? new BodyCapture(call ? READ_BYTES : maxBodyBytes, this.budget) : undefined;
    this.responseBody = isFull ? new BodyCapture(maxBodyBytes, this.budget) : undefined;
    this.sent = isFull || call === undefined ? undefined : new HeldChunks(this.budget);
  }

  /**
   * Called at each tick: counts the silence of the provider.
   *
   * @returns true once, if a response has been silent for too long
   */
  countSilence(now: number, tickMillis: number): boolean {
    if (this.endedAt !== undefined || this.bodiesOutOfReach) return false;
    this.#silence ??= new Silence(this.#stallMillis);
    return this.#silence.count(this.lastByteAt, now, tickMillis, this.statusCode !== undefined);
  }

  /** Its response is silent for too long at this moment. */
  isSilentStreamAt(now: number): boolean {
    return (
      this.endedAt === undefined &&
      this.statusCode !== undefined &&
      this.#silence?.isReportedAt(this.lastByteAt, now) === true
    );
  }

  /** The provider was silent for too long until `at`, in monotonic milliseconds. */
  isSilentAt(at: number): boolean {
    return this.#silence?.isTooLong(this.lastByteAt, at) === true;
  }

  /** Drops everything that only full capture records, since its step is not in full capture. */
  limitToErrors(): void {
    if (this.capture !== 'full') return;
    this.capture = 'errors';
    this.requestBody?.release();
    this.requestBody = undefined;
    this.requestHeaders = NO_HEADERS;
    this.responseHeaders = readHeaders(this.responseHeaders, keptHeaderName);
    this.responseBody?.release();
    this.responseBody = undefined;
    this.reading = undefined;
  }

  /** Releases the memory of its bodies. */
  release(): void {
    this.requestBody?.release();
    this.responseBody?.release();
    this.failureBody?.release();
    this.evidence?.release();
    this.sent?.release();
  }
}

/** As much of a recognised request as is read for what it says: chats are longer than what is kept as text. */
const READ_BYTES = 512 * 1024;

const NO_HEADERS: HeaderList = Object.freeze([]);

/** A body as text: decoded, within the bound of its capture, and cut with a marker where there was more. */
export interface BodyText {
  readonly text: string;
  readonly truncated: boolean;
}

/** Who an attempt belongs to: what the recorder tells a step. */
export interface AttemptLog {
  /** Bytes or headers came or went, at this monotonic time. */
  active(at: number): void;
  /** The whole body of the request has been sent. */
  requestSent?(attempt: Attempt): void;
  /** The answer is that of a failure; its body may be left unread. */
  refused?(attempt: Attempt): void;
  /** The exchange reached its end (`attempt.status` says which), possibly a second time. */
  ended(attempt: Attempt): void;
}
