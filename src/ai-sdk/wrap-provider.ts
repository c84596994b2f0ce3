import { facade } from './facade.js';
import { checkedModelOptions, isLanguageModel, type ModelOptions } from './language-model.js';
import { requireObject, wrapModel } from './wrap-model.js';

/**
 * A provider, or a registry of providers, of the AI SDK whose language models are wrapped as by `wrapModel`,
 * however one gets them: `provider('id')`, `provider.languageModel('id')`, `provider.chat('id')`, …. Models of
 * other kinds, and everything else it has, pass through unchanged.
 *
 * @param options for each of its models
 * @throws TypeError where there is no provider, which is a mistake in the program
 */
export function wrapProvider<P extends object>(provider: P, options?: ModelOptions): P {
  requireObject('wrapProvider', 'a provider or a registry', provider);
  const given = checkedModelOptions(options);
  // One that the provider gives out twice is the same model twice.
  const wrapped = new WeakMap<object, object>();
  return facade(provider, (_, call) => {
    const made = call();
    if (!isLanguageModel(made)) return made;
    const model = wrapped.get(made) ?? wrapModel(made, given);
    wrapped.set(made, model);
    return model;
  });
}
