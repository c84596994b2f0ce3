import { guarded } from '../self-diagnostics.js';
import { causesOf, type Outcome, outcomeOfAbort, outcomeOfError } from '../step/outcome.js';
import type { WireFacts } from '../step/wire-facts.js';
import type { StepOperation } from '../types.js';
import type { RequestFacts } from '../wire/format.js';
import { asObject } from '../wire/json/json.js';
import { responseFacts, type StreamParts } from '../wire/reading/ai-sdk-response.js';
import type { LanguageModel, ModelOptions } from './language-model.js';

export interface ModelCall {
  readonly model: Pick<LanguageModel, 'provider' | 'modelId'>;
  readonly operation: StepOperation;
  /** The call options that the AI SDK passes to the model. */
  readonly options: unknown;
  readonly given: ModelOptions;
}

export type RunInStep = <T>(fn: () => T) => T;

export function abortSignalOf({ options }: ModelCall): AbortSignal | undefined {
  const signal = asObject(asObject(options)?.['abortSignal']);
  return typeof signal?.['addEventListener'] === 'function' ? (signal as unknown as AbortSignal) : undefined;
}

/**
 * Returns the outcome of a call that failed with `error`. If the signal was aborted with that error, the outcome is
 * that of an abort: the reason of an abort can be any value.
 */
export function outcomeOfFailure(
  error: unknown,
  provider: string | undefined,
  signal: AbortSignal | undefined,
): Outcome {
  const isAborted = signal?.aborted === true && causesOf(error).includes(signal.reason);
  return isAborted ? outcomeOfAbort(signal.reason, provider) : outcomeOfError(error, provider);
}

/** A model returned no result. The application receives what the model returned. */
export class NullResultError extends Error {
  override readonly name = 'NullResultError';

  constructor(method: 'doGenerate' | 'doStream') {
    super(`${method} of the model returned no result`);
  }
}

/** Reads what a call and its result contain. Called when the step is written. */
type FactsReader = () => WireFacts;

export function factsOfRequest(request: RequestFacts): FactsReader {
  return () => ({ request, response: undefined, stream: undefined });
}

/** @param result what `doGenerate` returned */
export function factsOfResult(request: RequestFacts, result: unknown): FactsReader {
  return () => ({
    request,
    response: guarded('the answer of a model could not be read', undefined, () => responseFacts(result)),
    stream: undefined,
  });
}

export function factsOfStream(request: RequestFacts, parts: StreamParts): FactsReader {
  return () => {
    const stream = guarded('the stream of a model could not be read', undefined, () => parts.facts());
    return { request, response: stream, stream };
  };
}
