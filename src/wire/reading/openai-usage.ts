import type { TokenUsage } from '../../types.js';
import { asCount, asList, asObject, type JsonObject, jsonText } from '../json/json.js';
import { errorData, modalityTokens, type TokenKind, tokenSum } from './values.js';

/**
 * Returns the error in a stream event as the text of an error body; `undefined` without an error. The error is in
 * `error` (OpenAI; OpenRouter in a chunk or a choice), in a failed `response`, or is the event itself with the `type`
 * (older vLLM: `object`) `error`.
 */
export function errorIn(
  event: string | undefined,
  body: JsonObject | undefined,
  data: string,
): string | undefined {
  const error = errorOf(body) ?? errorOf(asObject(asList(body?.['choices'])[0])) ?? failureOf(body);
  // Only the error, since other members may hold part of the answer.
  if (error !== undefined) return errorData(jsonText({ error }) ?? data);
  const isError = event === 'error' || body?.['type'] === 'error' || body?.['object'] === 'error';
  return isError ? errorData(data) : undefined;
}

function errorOf(body: JsonObject | undefined): unknown {
  const error = body?.['error'];
  return asObject(error) ?? (error !== '' && typeof error === 'string' ? error : undefined);
}

function failureOf(body: JsonObject | undefined): unknown {
  if (body?.['type'] !== 'response.failed') return undefined;
  return asObject(body['response'])?.['error'] ?? null;
}

/** Returns the usage of a response or a chunk. Groq's streams have it below `x_groq`. */
export function usageIn(body: JsonObject): JsonObject | undefined {
  return asObject(body['usage']) ?? asObject(asObject(body['x_groq'])?.['usage']);
}

/**
 * Reads the usage of Chat Completions and Responses, which differ only in names. `prompt_cache_hit_tokens` is
 * DeepSeek's and `cache_write_tokens` OpenRouter's. Perplexity has `reasoning_tokens` outside the details. xAI's
 * output tokens exclude reasoning tokens, which the total shows; the GenAI conventions include them.
 */
export function readUsage(usage: JsonObject | undefined): TokenUsage {
  if (usage === undefined) return {};
  const input = detailsIn(usage, 'prompt_tokens_details', 'input_tokens_details', 'input_token_details');
  const output = detailsIn(
    usage,
    'completion_tokens_details',
    'output_tokens_details',
    'output_token_details',
  );
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
    ...modalitiesIn('InputTokens', input),
    ...modalitiesIn('OutputTokens', output),
    ...modalitiesIn('CacheReadTokens', asObject(input?.['cached_tokens_details'])),
  };
}

function modalitiesIn(kind: TokenKind, details: JsonObject | undefined): Partial<TokenUsage> {
  return modalityTokens(kind, {
    text: details?.['text_tokens'],
    audio: details?.['audio_tokens'],
    image: details?.['image_tokens'],
  });
}

/** The Realtime API uses the singular. */
function detailsIn(usage: JsonObject, ...names: readonly string[]): JsonObject | undefined {
  return names.map((name) => asObject(usage[name])).find((details) => details !== undefined);
}

function isSum(usage: JsonObject, ...counts: readonly (number | undefined)[]): boolean {
  return (
    counts.every((count) => count !== undefined) && asCount(usage['total_tokens']) === tokenSum(...counts)
  );
}
