export type Encoding = 'gzip' | 'deflate' | 'br' | 'zstd';

export type ReplyHeaders = Record<string, string | string[]>;

interface Whole {
  status?: number;
  /** A `content-length` above the real one is kept: the connection ends after the body. */
  headers?: ReplyHeaders;
  encoding?: Encoding;
  /** Without a content-length. */
  chunked?: boolean;
  /** Before the status line. */
  delayMillis?: number;
}

export interface JsonReply extends Whole {
  type: 'json';
  /** A string is sent unchanged. */
  body: unknown;
}

export interface TextReply extends Whole {
  type: 'text';
  body: string | Buffer;
}

/** A string is a raw piece of the stream: half an event, a comment, other line ends. */
export type SseEvent = string | { event?: string; data: unknown };

export interface SseReply {
  type: 'sse';
  status?: number;
  headers?: ReplyHeaders;
  events: readonly SseEvent[];
  encoding?: Encoding;
  /** Before each event. */
  delayMillis?: number;
  /** Awaited before the event at this index. */
  before?: (index: number) => Promise<void>;
  /** Ends the stream with `data: [DONE]`, unless false. */
  done?: boolean;
  /** Destroys the socket after that many events. */
  cutAfter?: number;
  /** Sends nothing after that many events, until the client disconnects. */
  hangAfter?: number;
}

/** Destroys the socket. */
export interface CutReply {
  type: 'cut';
  when: 'before-headers' | 'in-body';
  delayMillis?: number;
}

/** Sends nothing (more) until the client disconnects. */
export interface HangReply {
  type: 'hang';
  when: 'before-headers' | 'in-body';
  delayMillis?: number;
}

export type Reply = JsonReply | TextReply | SseReply | CutReply | HangReply;
