import type { StepOperation } from '../types.js';
import type { LanguageModel, ModelOptions } from './language-model.js';

/** One call of a model's `doGenerate` or `doStream`. */
export interface ModelCall {
  readonly model: Pick<LanguageModel, 'provider' | 'modelId'>;
  readonly operation: StepOperation;
  /** The options that the model is called with. */
  readonly options: unknown;
  /** What the application has told of the model. */
  readonly given: ModelOptions;
}

/** Calls a function in the context of a step. */
export type InStep = <T>(fn: () => T) => T;
