import type { Attributes } from '@opentelemetry/api';
import type { Attempt } from '../attempt/attempt.js';
import type { StepRecord } from '../step/step-record.js';
import { attemptAttributes } from './attempt-attributes.js';
import { attributesBytes, mostAttributesBytes } from './attribute-bytes.js';
import { boundedAttributes } from './bounded-attributes.js';
import { levelOf } from './level.js';
import type { Redaction } from './redaction.js';
import type { SpanBounds } from './span-bounds.js';

export interface AttemptEvent {
  readonly attempt: Attempt;
  readonly event: Attributes;
}

/** There is no attempt that says anything in less. */
const LEAST_BYTES = 4 * 1024;

/**
 * The events of a step's attempts, redacted, that fit into its span beside these attributes and the exception. The
 * longest are cut, all to one length; where there are so many that even so they don't fit, those in the middle are
 * left out, as they are beyond `maxAttempts`.
 */
export function attemptEvents(
  { attempts, provider }: StepRecord,
  redaction: Redaction,
  bounds: SpanBounds,
  attributes: Attributes,
): readonly AttemptEvent[] {
  const write = (attempt: Attempt): AttemptEvent => ({
    attempt,
    event: attemptAttributes(attempt, provider, redaction),
  });
  const [only] = attempts.kept;
  if (attempts.kept.length === 1 && only !== undefined) {
    const one = write(only);
    const most = mostAttributesBytes(one.event);
    // Nearly always there is room to spare, which is seen without a look at the characters.
    if (most <= bounds.event && mostAttributesBytes(attributes) + most + bounds.event <= bounds.span)
      return [one];
    return bounded([one], bounds, bounds.span - attributesBytes(attributes) - bounds.event);
  }
  const room = bounds.span - attributesBytes(attributes) - bounds.event;
  const kept = firstAndLast(attempts.kept, Math.floor(room / LEAST_BYTES));
  return bounded(kept.map(write), bounds, room);
}

function bounded(events: readonly AttemptEvent[], bounds: SpanBounds, room: number): readonly AttemptEvent[] {
  const sizes = events.map(({ event }) => Math.min(bounds.event, attributesBytes(event)));
  const most = Math.min(bounds.event, levelOf(sizes, room));
  return events.map(({ attempt, event }) => ({ attempt, event: boundedAttributes(event, most) }));
}

function firstAndLast<T>(list: readonly T[], count: number): readonly T[] {
  if (list.length <= count) return list;
  const first = Math.ceil(count / 2);
  return [...list.slice(0, first), ...list.slice(list.length - (count - first))];
}
