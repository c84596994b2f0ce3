import type { Attempt } from './attempt.js';

/** A stream that ended cleanly, without the event that ends a stream of its format (error rule 4). */
export class StreamEndedEarlyError extends Error {
  override readonly name = 'StreamEndedEarlyError';

  constructor(lastEvent: string | undefined) {
    super(`stream closed before its terminal event${lastEvent === undefined ? '' : ` (last: ${lastEvent})`}`);
  }
}

/**
 * What an event stream said decides with how its exchange ended: an error in it is a failure, whoever closed it;
 * an end without the terminal event as well; and whoever stops reading behind that event broke nothing off
 * (reference rows R5, R11).
 */
export function judgeStream(attempt: Attempt): void {
  const end = attempt.stream?.end();
  attempt.stream = undefined;
  if (end === undefined) return;
  attempt.streamEnd = end;
  if (end.error !== undefined) {
    attempt.status = 'failed';
    attempt.errorBody = end.error;
  } else if (attempt.status === 'completed' && end.terminated === false) {
    attempt.status = 'failed';
    attempt.error = new StreamEndedEarlyError(end.lastEvent);
  } else if (attempt.status === 'interrupted' && end.terminated) {
    attempt.status = 'completed';
    attempt.error = undefined;
  }
}
