import type { TokenUsage } from '../../types.js';
import { type MessagePart, textPart } from '../content.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { tokenSum } from '../facts/token-sum.js';
import type { ResponseFacts } from '../format.js';
import { asCount, asObject } from '../json/json.js';

/** What a message says beside its content. */
export interface AnthropicAnswer {
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly stopReason: string | undefined;
  /** Why the model would not answer, in words. */
  readonly refusal: string | undefined;
  readonly inputTokens: number | undefined;
  readonly cacheReadTokens: number | undefined;
  readonly cacheCreationTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly reasoningTokens: number | undefined;
}

/**
 * Reads a message and its `usage`.
 *
 * @param before what a stream said of it earlier: counts are totals, so what was said last holds
 */
export function readAnswer(message: unknown, usage: unknown, before?: AnthropicAnswer): AnthropicAnswer {
  const said = asObject(message);
  const counts = asObject(usage);
  const details = asObject(counts?.['output_tokens_details']);
  return {
    id: asLabel(said?.['id']) ?? before?.id,
    model: asLabel(said?.['model']) ?? before?.model,
    stopReason: asLabel(said?.['stop_reason']) ?? before?.stopReason,
    refusal: asLabel(asObject(said?.['stop_details'])?.['explanation']) ?? before?.refusal,
    inputTokens: asCount(counts?.['input_tokens']) ?? before?.inputTokens,
    cacheReadTokens: asCount(counts?.['cache_read_input_tokens']) ?? before?.cacheReadTokens,
    cacheCreationTokens: asCount(counts?.['cache_creation_input_tokens']) ?? before?.cacheCreationTokens,
    outputTokens: asCount(counts?.['output_tokens']) ?? before?.outputTokens,
    reasoningTokens: asCount(details?.['thinking_tokens']) ?? before?.reasoningTokens,
  };
}

export function answerFacts(answer: AnthropicAnswer, content: readonly MessagePart[]): ResponseFacts {
  const { id, model, stopReason, refusal } = answer;
  const parts = refusal === undefined ? content : [...content, textPart('refusal', refusal)];
  const answered = parts.length > 0 || stopReason !== undefined;
  return {
    id,
    model,
    finishReasons: stopReason === undefined ? [] : [stopReason],
    usage: usageOf(answer),
    output: answered ? [{ role: 'assistant', parts, ...defined({ finish_reason: stopReason }) }] : [],
    warningCount: 0,
  };
}

/** Anthropic counts the tokens it has cached beside the input; the conventions count them in. */
function usageOf(answer: AnthropicAnswer): TokenUsage {
  const { inputTokens, outputTokens, reasoningTokens, cacheReadTokens, cacheCreationTokens } = answer;
  return defined({
    inputTokens:
      inputTokens === undefined ? undefined : tokenSum(inputTokens, cacheReadTokens, cacheCreationTokens),
    outputTokens,
    reasoningTokens,
    cacheReadTokens,
    cacheCreationTokens,
  });
}
