/**
 * The JSON responses of a Debug tab, for its server and its page. Times are milliseconds since the epoch. Values come
 * from traces, so all of them are untrusted.
 */

import type { Fields, StoredEvent, StoredSpan } from '../query/stored-span.js';
import type { RunSummary, StoredError } from '../query/types.js';
import type { Capture, Status, TokenUsage } from '../types.js';

export type { Capture, Fields, Status, StoredEvent, TokenUsage };

type OptionalNames<T> = { [Name in keyof T]-?: undefined extends T[Name] ? Name : never }[keyof T];

/** An object as JSON carries it: members that are `undefined` are absent. */
type AsJson<T> = Omit<T, OptionalNames<T>> & Partial<Pick<T, OptionalNames<T>>>;

export type CardError = AsJson<StoredError>;

export interface Card extends AsJson<Omit<RunSummary, 'startedAt' | 'traceId' | 'error'>> {
  /** Absent until a part of the run is stored. */
  readonly traceId?: string | undefined;
  readonly startedAt: number;
  readonly error?: CardError | undefined;
  /** Present while the run is in progress in the process of the server. */
  readonly live?: Live | undefined;
}

/** The model call in progress, or the run itself between two calls. */
export interface Live {
  readonly step?: number | undefined;
  readonly since: number;
  readonly bytes: number;
  /** Time since the last byte of the response. */
  readonly silentMillis: number;
}

export interface Span extends AsJson<StoredSpan> {
  /** False for a span of another instrumentation in the same trace. */
  readonly isOwn: boolean;
}

/** `GET state` */
export interface TabState {
  readonly isShown: boolean;
  readonly capture?: Capture | undefined;
  readonly canSetCapture: boolean;
  readonly hasKeptRuns: boolean;
  /** Set if runs can be deleted with `DELETE runs`. */
  readonly canDelete?: boolean;
  /** Whether the list starts with failed runs. */
  readonly failedFirst?: boolean;
}

/** `GET runs/ID` */
export interface RunDetail {
  readonly run: Card;
  readonly spans: readonly Span[];
}
