import type { Attempt } from '../attempt/attempt.js';
import { failureOf } from '../attempt/failure.js';
import { COMPLETED, INTERRUPTED, type Outcome, outcomeOfError } from './outcome.js';

/**
 * The outcome of a step that told nothing itself: that of its last exchange. Without any exchange there is
 * nothing that could have failed.
 */
export function outcomeOfAttempt(attempt: Attempt | undefined, provider: string | undefined): Outcome {
  if (attempt === undefined || attempt.status === 'completed') return COMPLETED;
  if (attempt.status === 'failed') return outcomeOfError(failureOf(attempt), provider);
  return INTERRUPTED;
}
