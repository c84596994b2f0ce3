import { causesOf } from '../step/consequence.js';
import { type Outcome, outcomeOfAbort, outcomeOfError } from '../step/outcome.js';
import { asObject } from '../wire/json/json.js';

/** The signal by which the caller may abort a call. */
export function signalOf(options: unknown): AbortSignal | undefined {
  const signal = asObject(asObject(options)?.['abortSignal']);
  return typeof signal?.['addEventListener'] === 'function' ? (signal as unknown as AbortSignal) : undefined;
}

/** The outcome of a call that failed. Whoever aborts may give any reason for it, which the call then fails with. */
export function outcomeOfFailure(
  error: unknown,
  provider: string | undefined,
  signal: AbortSignal | undefined,
): Outcome {
  const isAborted = signal?.aborted === true && causesOf(error).includes(signal.reason);
  return isAborted ? outcomeOfAbort(signal.reason, provider) : outcomeOfError(error, provider);
}
