/** By how the AI SDK's providers call themselves (`openai.chat`); the first that matches. */
const NAMES: readonly (readonly [pattern: RegExp, name: string])[] = [
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
 * `gen_ai.provider.name` of a model, by its `provider`: as the GenAI conventions list it, else what stands before
 * the first dot. `undefined` where it has none.
 */
export function providerName(provider: unknown): string | undefined {
  if (typeof provider !== 'string' || provider === '') return undefined;
  return NAMES.find(([pattern]) => pattern.test(provider))?.[1] ?? provider.split('.', 1)[0];
}
