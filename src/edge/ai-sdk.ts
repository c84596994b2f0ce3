import type { ModelOptions } from '../ai-sdk/language-model.js';
import type { ChatDebugMiddleware } from '../ai-sdk/wrap.js';

/** The entry `/ai-sdk` for edge runtimes and browsers. Models and providers are returned unchanged. */

export function wrapModel<M extends object>(model: M, _options?: ModelOptions): M {
  return model;
}

export function wrapProvider<P extends object>(provider: P, _options?: ModelOptions): P {
  return provider;
}

export function chatDebugMiddleware<Version extends 'v2' | 'v3' | 'v4'>(
  options?: ModelOptions & { readonly specificationVersion?: Version },
): ChatDebugMiddleware<Version> {
  return {
    specificationVersion: options?.specificationVersion ?? ('v4' as Version),
    wrapGenerate: async ({ doGenerate }) => doGenerate(),
    wrapStream: async ({ doStream }) => doStream(),
  };
}
