import { facade } from './facade.js';
import { checkedModelOptions, isLanguageModel, type ModelOptions } from './language-model.js';
import { recordGenerate, recordStream } from './record-call.js';

/**
 * A language model of the AI SDK whose calls are steps of the run in the context; else it behaves as the given
 * one, of the same specification version (v2, v3, v4). Outside a run, before start-up and where the run is not
 * captured, a call goes straight through (reference rows R1, R2); inside `withStep`, it is part of that step.
 * A model of another kind (image, embedding, speech, transcription) is given back unchanged.
 *
 * @param options what is known of its calls; wins over what the run was started with
 * @throws TypeError where there is no model, which is a mistake in the program
 */
export function wrapModel<M extends object>(model: M, options?: ModelOptions): M {
  requireObject('wrapModel', 'a model', model);
  if (!isLanguageModel(model)) return model;
  const given = checkedModelOptions(options);
  return facade(model, (name, call, [callOptions]) => {
    if (name === 'doGenerate') {
      return recordGenerate({ model, operation: 'generate', options: callOptions, given }, call);
    }
    if (name === 'doStream') {
      return recordStream({ model, operation: 'stream', options: callOptions, given }, call);
    }
    return call();
  });
}

/** @throws TypeError that says what was given in its place */
export function requireObject(name: string, what: string, value: unknown): void {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') return;
  const given = value === null ? 'null' : typeof value;
  throw new TypeError(`${name} takes ${what} of the AI SDK, it was given ${given}`);
}
