import type { Capture } from '../types.js';
import type { ByteBudget } from './body/byte-budget.js';
import { BodyCapture } from './body/capture.js';
import type { HeaderList } from './raw-headers.js';
import type { Target } from './target.js';

/** How an HTTP exchange ended, or that it has not. */
export type AttemptStatus = 'in_progress' | 'completed' | 'failed' | 'interrupted';

/** What a request says of itself when it begins. */
export interface RequestTarget extends Target {
  readonly method: string;
}

/** One HTTP exchange, as it is recorded while it goes on. Times are monotonic milliseconds. */
export class Attempt {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly requestBody: BodyCapture;
  responseBody: BodyCapture;
  status: AttemptStatus = 'in_progress';
  endedAt: number | undefined = undefined;
  requestHeaders: HeaderList = NO_HEADERS;
  responseHeaders: HeaderList = NO_HEADERS;
  statusCode: number | undefined = undefined;
  /** What the exchange failed with; `undefined` as well where undici gives no reason. */
  error: unknown = undefined;
  /** Pieces of the response's body, as they came from the network. */
  chunks = 0;
  lastChunkAt: number | undefined = undefined;
  /** The response's body as text, once somebody has asked for it. */
  responseText: BodyText | undefined = undefined;

  constructor(
    /** From 1 within its step, in the order in which the requests began. */
    readonly number: number,
    { method, origin, path }: RequestTarget,
    readonly startedAt: number,
    readonly capture: Capture,
    /** How much of each body is kept; 0 counts only. */
    bodyLimit: number,
    /** What the memory for its bodies is taken from. */
    readonly budget: ByteBudget,
  ) {
    this.method = method;
    this.origin = origin;
    this.path = path;
    this.requestBody = new BodyCapture(bodyLimit, budget);
    this.responseBody = new BodyCapture(bodyLimit, budget);
  }
}

const NO_HEADERS: HeaderList = Object.freeze([]);

/** A body as text: decoded, within the bound of its capture, and cut with a marker where there was more. */
export interface BodyText {
  readonly text: string;
  readonly truncated: boolean;
}

/** Who the attempts of the current call belong to: what the recorder needs to know of a step. */
export interface AttemptLog {
  /** A request begins; `undefined` where it is not to be recorded. */
  begin(request: RequestTarget): Attempt | undefined;
  /** Bytes or headers came or went, at this monotonic time. */
  active(at: number): void;
  /** The exchange reached its end (`attempt.status` says which), possibly a second time. */
  ended(attempt: Attempt): void;
}
