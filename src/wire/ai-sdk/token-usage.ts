import type { TokenUsage } from '../../types.js';
import { defined } from '../facts/defined.js';
import { tokenSum } from '../facts/token-sum.js';
import { asCount, asObject, type JsonObject } from '../json/json.js';

/**
 * The usage of an answer or of a `finish` part. From v3 on the counts are nested, and cached tokens are part of
 * the input; in v2 they are flat, and what was written to a cache stands in the provider's metadata.
 */
export function tokenUsage(value: unknown, providerMetadata: unknown): TokenUsage {
  const usage = asObject(value);
  const input = asObject(usage?.['inputTokens']);
  const output = asObject(usage?.['outputTokens']);
  if (input === undefined && output === undefined) return flatUsage(usage, asObject(providerMetadata));
  return defined({
    inputTokens: asCount(input?.['total']),
    outputTokens: asCount(output?.['total']),
    reasoningTokens: asCount(output?.['reasoning']),
    cacheReadTokens: asCount(input?.['cacheRead']),
    cacheCreationTokens: asCount(input?.['cacheWrite']),
  });
}

function flatUsage(usage: JsonObject | undefined, metadata: JsonObject | undefined): TokenUsage {
  const written = cacheWrites(metadata);
  const input = asCount(usage?.['inputTokens']);
  const read = asCount(usage?.['cachedInputTokens']);
  return defined({
    // Providers that tell what was written to the cache count cached tokens beside the input, not within it.
    inputTokens: input === undefined || written === undefined ? input : tokenSum(input, read, written),
    outputTokens: asCount(usage?.['outputTokens']),
    reasoningTokens: asCount(usage?.['reasoningTokens']),
    cacheReadTokens: read,
    cacheCreationTokens: written,
  });
}

/** As the Anthropic and Bedrock providers tell it; `null` where nothing was written. */
function cacheWrites(metadata: JsonObject | undefined): number | undefined {
  const anthropic = asObject(metadata?.['anthropic'])?.['cacheCreationInputTokens'];
  const bedrock = asObject(asObject(metadata?.['bedrock'])?.['usage'])?.['cacheWriteInputTokens'];
  return anthropic === null || bedrock === null ? 0 : (asCount(anthropic) ?? asCount(bedrock));
}
