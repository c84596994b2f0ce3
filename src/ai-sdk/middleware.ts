import { checkedModelOptions, type LanguageModel, type ModelOptions } from './language-model.js';
import { recordGenerate, recordStream } from './record-call.js';

/** What a middleware of the AI SDK is given of a call; the other members it has are not used. */
interface MiddlewareCall {
  readonly params: unknown;
  readonly model: Pick<LanguageModel, 'provider' | 'modelId'>;
}

/** A middleware as `wrapLanguageModel` takes it, in specification v2, v3 and v4 alike. */
export interface ChatDebugMiddleware<Version extends string> {
  /** Of the AI SDK's interface: what it says of itself. */
  readonly specificationVersion: Version;
  /** Records a call that answers in one piece. */
  wrapGenerate<R>(call: MiddlewareCall & { readonly doGenerate: () => PromiseLike<R> }): Promise<R>;
  /** Records a call that answers as a stream. */
  wrapStream<R>(call: MiddlewareCall & { readonly doStream: () => PromiseLike<R> }): Promise<R>;
}

/**
 * What `wrapModel` does, as a middleware for `wrapLanguageModel` (or for the `languageModelMiddleware` of a
 * registry). Put it last, so that it sees what is sent: the last one is next to the model.
 *
 * @param options as for `wrapModel`. `specificationVersion` is what the middleware says of itself, which the
 *   AI SDK has as a type only; by default that of the place where it is used.
 */
export function chatDebugMiddleware<Version extends 'v2' | 'v3' | 'v4'>(
  options?: ModelOptions & { readonly specificationVersion?: Version },
): ChatDebugMiddleware<Version> {
  const given = checkedModelOptions(options);
  return {
    specificationVersion: options?.specificationVersion ?? ('v4' as Version),
    wrapGenerate: async ({ doGenerate, params, model }) =>
      recordGenerate({ model, operation: 'generate', options: params, given }, doGenerate),
    wrapStream: async ({ doStream, params, model }) =>
      recordStream({ model, operation: 'stream', options: params, given }, doStream),
  };
}
