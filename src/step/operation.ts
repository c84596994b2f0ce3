import type { Attempt } from '../attempt/attempt.js';
import { sentRequest } from '../attempt/captured-text.js';
import { OPERATION_CHAT } from '../semconv.js';
import type { StepOperation } from '../types.js';
import type { StepRecord } from './step-record.js';

/** Returns `gen_ai.operation.name`: that of the wire format, else `chat`. */
export function operationName(last: Pick<Attempt, 'call'> | undefined): string {
  return last?.call?.operationName ?? OPERATION_CHAT;
}

/** Returns the operation set by the application, else that of the last attempt. */
export function operation({ options, attempts, wire }: StepRecord): StepOperation | undefined {
  const { last } = attempts;
  const streams = last?.isStream ? 'stream' : undefined;
  return (
    options.operation ??
    streams ??
    wire?.request?.operation ??
    declaredOperation(last) ??
    requestedOperation(last)
  );
}

const declaredOperation = (attempt: Attempt | undefined): StepOperation | undefined =>
  attempt?.call?.operation ?? attempt?.operation;

/** Reads the operation from the held request of a failed call in errors capture, once. */
export function requestedOperation(attempt: Attempt | undefined): StepOperation | undefined {
  if (attempt?.status !== 'failed' || attempt.call === undefined) return undefined;
  const known = operations.get(attempt);
  if (known !== undefined) return known;
  const body = sentRequest(attempt);
  const found = body === undefined ? undefined : attempt.call.format.readRequest(body).operation;
  if (found !== undefined) operations.set(attempt, found);
  return found;
}

const operations = new WeakMap<Attempt, StepOperation>();

/**
 * Returns the seconds from the start of a streaming call to the first chunk of its response; `undefined` without one.
 */
export function secondsToFirstChunk(step: StepRecord, requested = operation(step)): number | undefined {
  const at = step.attempts.last?.received.firstAt ?? step.firstPartAt;
  return at === undefined || requested !== 'stream' ? undefined : (at - step.startedAt) / 1_000;
}
