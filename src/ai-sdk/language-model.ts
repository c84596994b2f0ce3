import { warn } from '../self-diagnostics.js';

/**
 * The part of the AI SDK's language model interface (specification v2, v3 and v4) that is used here. Image, embedding,
 * speech and transcription models have other methods or no `supportedUrls`.
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

/** Describes the calls of a model. Every option overrides that of the run. */
export interface ModelOptions {
  /** `gen_ai.conversation.id` of the steps. */
  readonly chatId?: string | undefined;
  /** `user.id` of the steps. */
  readonly ownerId?: string | undefined;
  /** `gen_ai.provider.name`. Default: derived from the `provider` of the model. */
  readonly provider?: string | undefined;
  /** `gen_ai.request.model`. Default: the `modelId` of the model. */
  readonly model?: string | undefined;
}

const OPTION_NAMES: readonly (keyof ModelOptions)[] = ['chatId', 'ownerId', 'provider', 'model'];

/** Copies the options. A value that is not a string is ignored with a warning. */
export function checkedModelOptions(given: ModelOptions | undefined): ModelOptions {
  const options: { -readonly [name in keyof ModelOptions]: ModelOptions[name] } = {};
  for (const name of OPTION_NAMES) {
    const value: unknown = given?.[name];
    if (typeof value === 'string') options[name] = value;
    else if (value !== undefined && value !== null) {
      warn(`Invalid model option ${name}: expected a string, got ${typeof value}`);
    }
  }
  return options;
}

/** Maps `provider` of a model (such as `openai.chat`) to a provider name; the first match applies. */
const PROVIDER_NAMES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^azure/, 'azure.ai.openai'],
  [/^(?:google\.)?vertex/, 'gcp.vertex_ai'],
  [/^google/, 'gcp.gemini'],
  [/^(?:amazon-)?bedrock/, 'aws.bedrock'],
  [/^mistral/, 'mistral_ai'],
  [/^xai/, 'x_ai'],
  [/^togetherai/, 'together_ai'],
  [/^fireworks/, 'fireworks_ai'],
  [/^gateway/, 'vercel'],
];

/**
 * Returns `gen_ai.provider.name` for the `provider` of a model: the name in the GenAI conventions, or the part before
 * the first dot. Returns `undefined` if the model has no provider.
 */
export function providerName(provider: unknown): string | undefined {
  if (typeof provider !== 'string' || provider === '') return undefined;
  return PROVIDER_NAMES.find(([pattern]) => pattern.test(provider))?.[1] ?? provider.split('.', 1)[0];
}
