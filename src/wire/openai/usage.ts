import type { TokenUsage } from '../../types.js';
import { tokenSum } from '../facts/token-sum.js';
import { asCount, asObject, type JsonObject } from '../json/json.js';

/** The usage of an answer or of a chunk, which Groq's streams have under `x_groq`. */
export function usageIn(body: JsonObject): JsonObject | undefined {
  return asObject(body['usage']) ?? asObject(asObject(body['x_groq'])?.['usage']);
}

/**
 * Reads the usage of Chat Completions and of Responses, which differ in names alone. Beside OpenAI's members,
 * `prompt_cache_hit_tokens` is DeepSeek's, `cache_write_tokens` OpenRouter's, and with Perplexity
 * `reasoning_tokens` stands outside the details. xAI counts the tokens of reasoning beside those of the answer, which
 * the total shows; the conventions count them in.
 */
export function readUsage(usage: JsonObject | undefined): TokenUsage {
  if (usage === undefined) return {};
  const input = asObject(usage['prompt_tokens_details']) ?? asObject(usage['input_tokens_details']);
  const output = asObject(usage['completion_tokens_details']) ?? asObject(usage['output_tokens_details']);
  const inputTokens = asCount(usage['prompt_tokens']) ?? asCount(usage['input_tokens']);
  const answerTokens = asCount(usage['completion_tokens']) ?? asCount(usage['output_tokens']);
  const reasoningTokens = asCount(output?.['reasoning_tokens']) ?? asCount(usage['reasoning_tokens']);
  const isBeside = (reasoningTokens ?? 0) > 0 && isSum(usage, inputTokens, answerTokens, reasoningTokens);
  return {
    inputTokens,
    outputTokens: isBeside ? tokenSum(answerTokens, reasoningTokens) : answerTokens,
    reasoningTokens,
    cacheReadTokens: asCount(input?.['cached_tokens']) ?? asCount(usage['prompt_cache_hit_tokens']),
    cacheCreationTokens: asCount(input?.['cache_write_tokens']),
  };
}

function isSum(usage: JsonObject, ...counts: readonly (number | undefined)[]): boolean {
  return (
    counts.every((count) => count !== undefined) && asCount(usage['total_tokens']) === tokenSum(...counts)
  );
}
