import { INTERRUPTED, type Outcome, outcomeOfError } from '../step/outcome.js';
import { asObject } from '../wire/json/json.js';

/** The signal by which the caller may abort a call. */
export function signalOf(options: unknown): AbortSignal | undefined {
  const signal = asObject(asObject(options)?.['abortSignal']);
  return typeof signal?.['addEventListener'] === 'function' ? (signal as unknown as AbortSignal) : undefined;
}

/**
 * The outcome of a call that failed. Whoever aborts may give any reason for it, which the call then fails with:
 * where nothing else tells what that is, the call was interrupted.
 */
export function outcomeOfFailure(
  error: unknown,
  provider: string | undefined,
  signal: AbortSignal | undefined,
): Outcome {
  const outcome = outcomeOfError(error, provider);
  const isReason = signal?.aborted === true && error === signal.reason;
  const isTelling = outcome.status !== 'error' || outcome.failure.classification.kind !== 'generic';
  return isReason && !isTelling ? INTERRUPTED : outcome;
}
