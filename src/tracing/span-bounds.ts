/** Bytes of names and values, in UTF-8. */
export interface SpanBounds {
  /** One event. */
  readonly event: number;
  /** A span's own attributes. */
  readonly attributes: number;
  /** A span with its events. */
  readonly span: number;
}

/** What an event has beside two bodies, and what a body may grow by when it is decoded to text and redacted. */
const EVENT_BYTES = 64 * 1024;
const PER_BODY_BYTE = 4;
/** Messages, instructions, tools and answer of a step come to no more: 256 KiB each. */
const SPAN_BYTES = 1024 * 1024;
const EVENTS = 4;
/** For which there is room beside attributes that fill theirs: the first attempt, the last, and the exception. */
const EVENTS_IN_ANY_CASE = 3;

/**
 * The bounds of a span where so many bytes are kept of each body: by default 265,536 for an event, and 2,110,720 for
 * a span. A receiver of gRPC takes messages of 4 MiB unless told otherwise, and a span can't be divided.
 */
export function spanBounds(maxBodyBytes: number): SpanBounds {
  const event = EVENT_BYTES + PER_BODY_BYTE * maxBodyBytes;
  const span = SPAN_BYTES + EVENTS * event;
  return { event, span, attributes: span - EVENTS_IN_ANY_CASE * event };
}
