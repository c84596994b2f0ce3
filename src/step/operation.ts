import type { Attempt } from '../attempt/attempt.js';
import { sentRequest } from '../attempt/text.js';
import { OPERATION_CHAT } from '../semconv.js';
import type { StepOperation } from '../types.js';
import type { StepRecord } from './step-record.js';

/** `gen_ai.operation.name`, off the wire where that tells. */
export function operationName({ attempts }: StepRecord): string {
  return attempts.last?.call?.operationName ?? OPERATION_CHAT;
}

/** As the application says, else as the exchange does. */
export function operation({ options, attempts, wire }: StepRecord): StepOperation | undefined {
  const { last } = attempts;
  const streams = last?.isStream ? 'stream' : undefined;
  return options.operation ?? streams ?? wire?.request?.operation ?? last?.call?.operation ?? asked(last);
}

/** Of a failed call outside full capture, what its client still holds says it. */
function asked(attempt: Attempt | undefined): StepOperation | undefined {
  if (attempt?.status !== 'failed' || attempt.call === undefined) return undefined;
  const known = operations.get(attempt);
  if (known !== undefined) return known;
  const body = sentRequest(attempt);
  const found = body === undefined ? undefined : attempt.call.format.readRequest(body).operation;
  if (found !== undefined) operations.set(attempt, found);
  return found;
}

/** What the requests of failed calls asked for. */
const operations = new WeakMap<Attempt, StepOperation>();

/** Of a stream, from the beginning of the call to the first piece of the answer; `undefined` where none came. */
export function secondsToFirstChunk(step: StepRecord, asks = operation(step)): number | undefined {
  const at = step.attempts.last?.firstChunkAt ?? step.firstPartAt;
  return at === undefined || asks !== 'stream' ? undefined : (at - step.startedAt) / 1_000;
}
