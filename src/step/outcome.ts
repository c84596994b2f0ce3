import { type Classification, classifyError, explainError } from '../error/index.js';

/** How a run or a step ended. The error of an interruption is the abort, where there is one. */
export type Outcome =
  | { readonly status: 'completed' }
  | { readonly status: 'interrupted'; readonly failure?: Failure | undefined }
  | { readonly status: 'error'; readonly failure: Failure };

/** An error with what it was classified as. */
export interface Failure {
  readonly error: unknown;
  readonly classification: Classification;
}

/** The same without the application's error object. */
export function withoutError(failure: Failure | undefined): Failure | undefined {
  return failure && { error: undefined, classification: failure.classification };
}

export const COMPLETED: Outcome = Object.freeze({ status: 'completed' });
export const INTERRUPTED: Outcome = Object.freeze({ status: 'interrupted' });

/** The outcome of a call that threw `error`: an abort is an interruption, everything else an error. */
export function outcomeOfError(error: unknown, provider?: string): Outcome {
  const classification = classifyError(error, provider === undefined ? {} : { provider });
  return outcomeOf({ error, classification });
}

/** The same of an error that has been classified. */
export function outcomeOf(failure: Failure): Outcome {
  return { status: failure.classification.kind === 'interrupted' ? 'interrupted' : 'error', failure };
}

/**
 * The outcome of a call that the application aborted with this reason: an interruption, whatever the reason is, but
 * for its own deadline and for what the application has classified itself.
 */
export function outcomeOfAbort(reason: unknown, provider?: string): Outcome {
  const { rule, classification } = explainError(reason, provider === undefined ? {} : { provider });
  if (rule === 'attached' || rule === 'own deadline' || classification.kind === 'interrupted')
    return outcomeOfError(reason, provider);
  const { detail, exceptionType } = classification;
  const interruption = { ...classifyError(ABORT_ERROR), provider: classification.provider };
  return {
    status: 'interrupted',
    failure: { error: reason, classification: { ...interruption, detail, exceptionType } },
  };
}

/** What an abort without a reason throws, as far as `classifyError` looks at it. */
const ABORT_ERROR = Object.freeze({ name: 'AbortError', message: 'This operation was aborted' });
