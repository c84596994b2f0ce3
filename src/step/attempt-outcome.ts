import type { Attempt } from '../attempt/attempt.js';
import { classifyFailure, failureOf } from '../attempt/failure.js';
import { COMPLETED, INTERRUPTED, type Outcome, outcomeOf } from './outcome.js';

/**
 * The outcome of a step that told nothing itself: that of its last exchange. Without any exchange there is
 * nothing that could have failed.
 */
export function outcomeOfAttempt(attempt: Attempt | undefined, provider: string | undefined): Outcome {
  if (attempt === undefined || attempt.status === 'completed') return COMPLETED;
  if (attempt.status === 'failed')
    return outcomeOf({ error: failureOf(attempt), classification: classifyFailure(attempt, provider) });
  return INTERRUPTED;
}
