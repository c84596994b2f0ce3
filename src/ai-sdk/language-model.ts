import { warn } from '../self-diagnostics.js';

/**
 * The AI SDK's language model interface (specification v2, v3 or v4), as far as it is used here. Image,
 * embedding, speech and transcription models have other methods, or no `supportedUrls`.
 */
export interface LanguageModel {
  readonly provider?: unknown;
  readonly modelId?: unknown;
  readonly supportedUrls: unknown;
  doGenerate(...args: unknown[]): unknown;
  doStream(...args: unknown[]): unknown;
}

export function isLanguageModel(value: unknown): value is LanguageModel {
  if (typeof value !== 'object' || value === null || !('supportedUrls' in value)) return false;
  const { doGenerate, doStream } = value as Partial<LanguageModel>;
  return typeof doGenerate === 'function' && typeof doStream === 'function';
}

/** What is told of the calls of a model. Everything is optional, and wins over what the run was started with. */
export interface ModelOptions {
  /** `gen_ai.conversation.id` of its steps. */
  readonly chatId?: string | undefined;
  /** `user.id` of its steps. */
  readonly ownerId?: string | undefined;
  /** `gen_ai.provider.name`. Default: made of the model's own `provider`. */
  readonly provider?: string | undefined;
  /** `gen_ai.request.model`. Default: the model's own `modelId`. */
  readonly model?: string | undefined;
}

const NAMES: readonly (keyof ModelOptions)[] = ['chatId', 'ownerId', 'provider', 'model'];

/** A copy. A value that is no text is left out, with a warning that names it. */
export function checkedModelOptions(given: ModelOptions | undefined): ModelOptions {
  const options: { -readonly [name in keyof ModelOptions]: ModelOptions[name] } = {};
  for (const name of NAMES) {
    const value: unknown = given?.[name];
    if (typeof value === 'string') options[name] = value;
    else if (value !== undefined && value !== null) {
      warn(`model option ${name} takes a string, not ${typeof value}: left out`);
    }
  }
  return options;
}
