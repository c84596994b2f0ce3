import type { Capture } from '../types.js';
import type { BodyFingerprint } from '../wire/body-fingerprint.js';
import type { RecognisedCall } from '../wire/format.js';
import type { ByteBudget } from './body/byte-budget.js';
import { BodyCapture } from './body/capture.js';
import { HeldChunks } from './body/held-chunks.js';
import { keptHeaderName } from './kept-headers.js';
import { type HeaderList, readHeaders } from './raw-headers.js';
import { type StreamEnd, type StreamWatch, streamWatchFor } from './stream-watch.js';
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

/** One HTTP exchange, as it is recorded while it goes on. Times are monotonic milliseconds. */
export class Attempt {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly call: RecognisedCall | undefined;
  /** Of its bodies nothing is known, not even that there is none. */
  readonly bodiesOutOfReach: boolean;
  /** In full capture. */
  requestBody: BodyCapture | undefined;
  /** In full capture, and that of a failed response. */
  responseBody: BodyCapture | undefined;
  /** Its request's body until the answer is known to be none of an error: in errors mode, of a recognised call. */
  readonly sent: HeldChunks | undefined;
  status: AttemptStatus = 'in_progress';
  endedAt: number | undefined = undefined;
  requestHeaders: HeaderList = NO_HEADERS;
  responseHeaders: HeaderList = NO_HEADERS;
  statusCode: number | undefined = undefined;
  /** What the exchange failed with; `undefined` as well where undici gives no reason. */
  error: unknown = undefined;
  /** The body of an error that came inside a successful answer. */
  errorBody: string | undefined = undefined;
  /** From 1 within its step, in the order in which the requests began; 0 while it belongs to none. */
  number = 0;
  /** The model that the beginning of the request's body names; outside full capture, where no more is read. */
  model: string | undefined = undefined;
  /** Tells whether another request has the same body; only where tries of one call are to be found. */
  fingerprint: BodyFingerprint | undefined = undefined;
  /** What watches the answer while it comes in, if that is an event stream. */
  stream: StreamWatch | undefined = undefined;
  /** What was seen of the stream when it was over. */
  streamEnd: StreamEnd | undefined = undefined;
  /** Pieces of the response's body, as they came from the network. */
  chunks = 0;
  responseBytes = 0;
  requestBytes = 0;
  /** The length of the request's body by its headers; read where the request failed before its body was sent. */
  announcedBytes: number | undefined = undefined;
  /** All of the request's body has been sent. */
  requestIsWhole = false;
  firstChunkAt: number | undefined = undefined;
  lastChunkAt: number | undefined = undefined;
  /** The response's body as text, once somebody has asked for it. */
  responseText: BodyText | undefined = undefined;

  constructor(
    { method, origin, path, call, bodiesOutOfReach = false }: RequestTarget,
    readonly startedAt: number,
    public capture: Capture,
    /** How much of each body is kept as its text in full capture, in bytes. */
    readonly bodyLimit: number,
    /** Whose budget the memory for its bodies is taken from. */
    private readonly owner: { readonly budget: ByteBudget },
  ) {
    this.method = method;
    this.origin = origin;
    this.path = path;
    this.call = call;
    this.bodiesOutOfReach = bodiesOutOfReach;
    const isFull = capture === 'full';
    this.requestBody = isFull ? new BodyCapture(call ? READ_BYTES : bodyLimit, owner.budget) : undefined;
    this.responseBody = isFull ? new BodyCapture(bodyLimit, owner.budget) : undefined;
    this.sent = isFull || call === undefined ? undefined : new HeldChunks(owner.budget);
  }

  /** Watches the answer from here on, if it is an event stream of a known format. */
  watchStream(): void {
    this.stream = streamWatchFor(this, this.owner);
  }

  /** Drops everything that only full capture records, since its step is not in full capture. */
  limitToErrors(): void {
    if (this.capture !== 'full') return;
    this.capture = 'errors';
    this.requestBody?.release();
    this.requestBody = undefined;
    this.requestHeaders = NO_HEADERS;
    this.responseHeaders = readHeaders(this.responseHeaders, keptHeaderName);
    if ((this.statusCode ?? 0) < 400) {
      this.responseBody?.release();
      this.responseBody = undefined;
    }
  }

  /** Releases the memory of its bodies. */
  release(): void {
    this.requestBody?.release();
    this.responseBody?.release();
    this.sent?.release();
  }

  /** Keeps the beginning of the response's body from here on, whatever the capture. */
  keepResponseBody(limitBytes: number): void {
    this.responseBody ??= new BodyCapture(limitBytes, this.owner.budget);
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
