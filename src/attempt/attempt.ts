import { type Classification, REQUEST_ID_HEADERS } from '../error/index.js';
import type { Capture, StepOperation } from '../types.js';
import type { ResponseState } from '../verdict/frame.js';
import type { RecognisedCall } from '../wire/format.js';
import type { BodyFingerprint } from '../wire/request-body.js';
import { BodyCapture, type ByteBudget } from './body/capture.js';
import { FailureContent, HeldChunks } from './body/held-body.js';
import { Silence } from './chunk-timing.js';
import { ReceivedChunks } from './received-chunks.js';
import { type HeaderList, isHeader, readHeaders, type Target } from './request-line.js';
import type { ResponseEvidence, ResponseReading, UsageSource } from './response-evidence.js';

/** Bytes of a recognised request that are parsed: chats are longer than the text that is kept. */
const READ_BYTES = 512 * 1024;

const SWITCHING_PROTOCOLS = 101;

const NO_HEADERS: HeaderList = Object.freeze([]);

/** The response headers that errors capture reads. None of them contains personal data. */
const KEPT_HEADERS: readonly string[] = [
  'content-type',
  'content-encoding',
  'content-length',
  'retry-after',
  'retry-after-ms',
  'x-amzn-errortype',
  ...REQUEST_ID_HEADERS,
];

/** Indexed by length, which excludes nearly all other names at once. */
const NAMES_BY_LENGTH: readonly (readonly string[])[] = Array.from(
  { length: 1 + Math.max(...KEPT_HEADERS.map(({ length }) => length)) },
  (_, length) => KEPT_HEADERS.filter((name) => name.length === length),
);

type AttemptStatus = 'in_progress' | 'completed' | 'failed' | 'interrupted';

export interface RequestTarget extends Target {
  readonly method: string;
  readonly call: RecognisedCall | undefined;
  readonly headers: unknown;
  /** A message on a WebSocket, with method and headers of the opening handshake; or a handshake that was refused. */
  readonly webSocket?: 'message' | 'handshake';
  /** Start of a refused handshake, in monotonic milliseconds. */
  readonly startedAt?: number;
}

export interface BegunAttempt {
  readonly attempt: Attempt;
  readonly listener: AttemptListener;
}

/** A decoded body as text, which ends with a marker if it is truncated. */
export interface BodyText {
  readonly text: string;
  readonly truncated: boolean;
}

/** Receives the events of an attempt, such as its step. */
export interface AttemptListener {
  /** Bytes or headers were sent or received. `at` is in monotonic milliseconds. */
  active(at: number): void;
  requestSent?(attempt: Attempt): void;
  /** The response has a status from 400 on. Its body may remain unread. */
  errorStatus?(attempt: Attempt): void;
  /** The exchange has ended with `attempt.status`. May be called a second time. */
  ended(attempt: Attempt): void;
}

export interface AttemptLimits {
  readonly maxBodyBytes: number;
  /** Silence of a provider after which an abort is an error, in milliseconds; 0 for none. */
  readonly stallMillis: number;
  /** Bytes of each body that are held for the content of a failing call; 0 if it is not written. */
  readonly failureContentBytes: number;
  readonly readsUsage?: (() => boolean) | undefined;
  readonly timesChunks?: (() => boolean) | undefined;
}

/**
 * One HTTP exchange as a record. Times are in monotonic milliseconds. Fields that are only declared are unset in most
 * exchanges, where they take no memory.
 */
export class Attempt {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly call: RecognisedCall | undefined;
  readonly startedAt: number;
  /** The response to a message is read as server-sent events with status 200. */
  declare readonly webSocket: RequestTarget['webSocket'];
  declare isHttp2: true | undefined;
  /** Bytes of each body that are kept as text in full capture. */
  bodyLimit: number;
  readonly budget: ByteBudget;
  readonly #stallMillis: number;
  /** Set from the first tick on. */
  #silence: Silence | undefined;
  /** The body that could not be observed, and may be empty. */
  unobservedBody: 'request' | 'response' | undefined = undefined;
  declare requestBody: BodyCapture | undefined;
  declare responseBody: BodyCapture | undefined;
  /** The head of the body of a failed response, for its code and message. */
  declare failureBody: BodyCapture | undefined;
  evidence: ResponseEvidence | undefined = undefined;
  /** Whether head and tail of the response are kept for its token counts, in errors capture. */
  declare readonly readsUsage: true | undefined;
  declare reading: ResponseReading | undefined;
  /** The request's body in errors capture, held until the response is known not to be an error. */
  heldRequest: HeldChunks | undefined;
  /** Headers and response, held in the same way if the content of failing calls may be written. */
  declare content: FailureContent | undefined;
  status: AttemptStatus = 'in_progress';
  declare endedAt: number | undefined;
  requestHeaders: HeaderList = NO_HEADERS;
  responseHeaders: HeaderList = NO_HEADERS;
  statusCode: number | undefined = undefined;
  declare ending: 'clean' | 'broken' | 'aborted' | undefined;
  /** Whether `status` is final: the body of the response has been judged. */
  isJudged = false;
  /**
   * The transport error, the reason of an abort, or the error in the body of a successful response. `undefined` as well
   * if undici reports no reason.
   */
  declare error: unknown;
  /** Results of `failureOf` and `classifyFailure`. */
  declare cachedFailure: object | undefined;
  declare cachedClassification:
    | { readonly provider: string | undefined; readonly classification: Classification }
    | undefined;
  number = 0;
  /** The model in the head of the request's body, in errors capture. */
  model: string | undefined = undefined;
  /** The operation that the request's headers state, for formats that have it there. */
  declare operation: StepOperation | undefined;
  fingerprint: BodyFingerprint | undefined = undefined;
  /** Whether the body of a successful response contains an error. Set when it is judged. */
  hasErrorInBody = false;
  /** Id and state of the response, in formats whose calls can be polled. Set when it is judged. */
  declare response: ResponseState | undefined;
  /** Whether the response is a stream. Set when it is judged, as is the name of the last event. */
  isStream = false;
  declare lastEvent: string | undefined;
  received: ReceivedChunks;
  requestBytes = 0;
  /** `content-length` of a request that failed before its body was sent. */
  declare announcedBytes: number | undefined;
  requestIsWhole = false;
  /** Time of the last byte from the provider, at first of the end of the request. */
  lastByteAt: number | undefined = undefined;
  isStalled = false;
  /** Result of the function `responseText`. */
  declare responseText: BodyText | undefined;

  constructor(
    target: RequestTarget,
    now: number,
    public capture: Capture,
    { maxBodyBytes, stallMillis, failureContentBytes, readsUsage, timesChunks }: AttemptLimits,
    owner: { readonly budget: ByteBudget },
  ) {
    const { method, origin, path, call, webSocket } = target;
    this.method = method;
    this.origin = origin;
    this.path = path;
    this.call = call;
    this.startedAt = webSocket === undefined ? now : (target.startedAt ?? now);
    if (webSocket !== undefined) this.webSocket = webSocket;
    this.bodyLimit = maxBodyBytes;
    this.#stallMillis = stallMillis;
    this.budget = owner.budget;
    const isFull = capture === 'full';
    if (isFull) {
      this.requestBody = new BodyCapture(call ? READ_BYTES : maxBodyBytes, this.budget);
      this.responseBody = new BodyCapture(maxBodyBytes, this.budget);
    }
    const isHeld = !isFull && call !== undefined;
    this.heldRequest = isHeld ? new HeldChunks(this.budget) : undefined;
    if (isHeld && failureContentBytes > 0)
      this.content = new FailureContent(failureContentBytes, this.budget);
    if (isHeld && readsUsage?.()) this.readsUsage = true;
    this.received = new ReceivedChunks(this.startedAt, call !== undefined && timesChunks?.() === true);
  }

  /** Set if the usage of the response is read. */
  get usageSource(): UsageSource | undefined {
    const { call, evidence } = this;
    if (!this.readsUsage || call === undefined || evidence === undefined) return undefined;
    return { format: call.format, evidence };
  }

  /** The status on the wire: 101 for a message on a WebSocket. */
  get httpStatusCode(): number | undefined {
    return this.webSocket === 'message' ? SWITCHING_PROTOCOLS : this.statusCode;
  }

  /**
   * Called at each tick: counts the silence of the provider.
   *
   * @returns true once, if a response has been silent for too long
   */
  countSilence(now: number, tickMillis: number): boolean {
    if (this.endedAt !== undefined) return false;
    this.#silence ??= new Silence(this.#stallMillis);
    return this.#silence.count(this.lastByteAt, now, tickMillis, this.statusCode !== undefined);
  }

  /** Takes over the silence that was counted before this record existed. */
  continueSilence(silence: Silence | undefined): void {
    this.#silence = silence;
  }

  isSilentStreamAt(now: number): boolean {
    return (
      this.endedAt === undefined &&
      this.statusCode !== undefined &&
      this.#silence?.isReportedAt(this.lastByteAt, now) === true
    );
  }

  /** Whether the provider was silent for longer than `stallMillis` until `at`. */
  isSilentAt(at: number): boolean {
    return this.#silence?.isTooLong(this.lastByteAt, at) === true;
  }

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

  release(): void {
    this.requestBody?.release();
    this.responseBody?.release();
    this.failureBody?.release();
    this.evidence?.release();
    this.heldRequest?.release();
    this.content?.release();
  }

  dropContent(): void {
    if (this.content === undefined) return;
    this.content.release();
    this.content = undefined;
    this.heldRequest?.release();
    this.heldRequest = undefined;
  }
}

/**
 * Returns the lower-case name of a header that errors capture keeps; `undefined` for any other.
 */
export function keptHeaderName(name: unknown): string | undefined {
  const candidates = NAMES_BY_LENGTH[(name as { readonly length?: number }).length ?? 0];
  if (candidates === undefined || candidates.length === 0) return undefined;
  for (const kept of candidates) if (isHeader(name, kept)) return kept;
  return undefined;
}
