import type { Attributes } from '@opentelemetry/api';
import * as semconv from '../semconv.js';
import type { TokenUsage } from '../types.js';

/** Token counts of a step, or their totals in a run. */
export function tokenAttributes(tokens: TokenUsage): Attributes {
  return {
    [semconv.ATTR_GEN_AI_USAGE_INPUT_TOKENS]: tokens.inputTokens,
    [semconv.ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]: tokens.outputTokens,
    [semconv.ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS]: tokens.reasoningTokens,
    [semconv.ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS]: tokens.cacheReadTokens,
    [semconv.ATTR_GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS]: tokens.cacheCreationTokens,
  };
}
