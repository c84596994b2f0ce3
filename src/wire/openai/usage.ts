import type { TokenUsage } from '../../types.js';
import { asCount, asObject, type JsonObject } from '../json/json.js';

/** The usage of an answer or of a chunk, which Groq's streams have under `x_groq`. */
export function usageIn(body: JsonObject): JsonObject | undefined {
  return asObject(body['usage']) ?? asObject(asObject(body['x_groq'])?.['usage']);
}

/**
 * Reads the usage of Chat Completions and of Responses, which differ in names alone. Beside OpenAI's members,
 * `prompt_cache_hit_tokens` is DeepSeek's, `cache_write_tokens` OpenRouter's, and with Perplexity
 * `reasoning_tokens` stands outside the details.
 */
export function readUsage(usage: JsonObject | undefined): TokenUsage {
  if (usage === undefined) return {};
  const input = asObject(usage['prompt_tokens_details']) ?? asObject(usage['input_tokens_details']);
  const output = asObject(usage['completion_tokens_details']) ?? asObject(usage['output_tokens_details']);
  return {
    inputTokens: asCount(usage['prompt_tokens']) ?? asCount(usage['input_tokens']),
    outputTokens: asCount(usage['completion_tokens']) ?? asCount(usage['output_tokens']),
    reasoningTokens: asCount(output?.['reasoning_tokens']) ?? asCount(usage['reasoning_tokens']),
    cacheReadTokens: asCount(input?.['cached_tokens']) ?? asCount(usage['prompt_cache_hit_tokens']),
    cacheCreationTokens: asCount(input?.['cache_write_tokens']),
  };
}
