import type { TokenUsage } from '../../types.js';
import type { OutputMessage } from '../content.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import { tokenSum } from '../facts/token-sum.js';
import type { ResponseFacts } from '../format.js';
import { asCount, asObject, type JsonObject } from '../json/json.js';

/** What an answer says beside its candidates. */
export interface GeminiAnswer {
  readonly id: string | undefined;
  readonly model: string | undefined;
  /** Why the prompt was not answered at all. */
  readonly blockReason: string | undefined;
  readonly promptTokens: number | undefined;
  readonly toolUseTokens: number | undefined;
  readonly cachedTokens: number | undefined;
  readonly candidatesTokens: number | undefined;
  readonly thoughtsTokens: number | undefined;
}

/**
 * @param before what earlier chunks of a stream said: each says it anew, or part of it, and what was said last holds
 */
export function readAnswer(body: JsonObject | undefined, before?: GeminiAnswer): GeminiAnswer {
  const usage = asObject(body?.['usageMetadata']);
  return {
    id: asLabel(body?.['responseId']) ?? before?.id,
    model: asLabel(body?.['modelVersion']) ?? before?.model,
    blockReason: asLabel(asObject(body?.['promptFeedback'])?.['blockReason']) ?? before?.blockReason,
    promptTokens: asCount(usage?.['promptTokenCount']) ?? before?.promptTokens,
    toolUseTokens: asCount(usage?.['toolUsePromptTokenCount']) ?? before?.toolUseTokens,
    cachedTokens: asCount(usage?.['cachedContentTokenCount']) ?? before?.cachedTokens,
    candidatesTokens: asCount(usage?.['candidatesTokenCount']) ?? before?.candidatesTokens,
    thoughtsTokens: asCount(usage?.['thoughtsTokenCount']) ?? before?.thoughtsTokens,
  };
}

/** A prompt that was blocked has no candidates; the reason of the block stands for theirs. */
export function answerFacts(answer: GeminiAnswer, output: readonly OutputMessage[]): ResponseFacts {
  const { id, model, blockReason } = answer;
  const reasons = output.map((message) => message.finish_reason).filter((reason) => reason !== undefined);
  return {
    id,
    model,
    finishReasons: output.length === 0 && blockReason !== undefined ? [blockReason] : reasons,
    usage: usageOf(answer),
    output,
    warningCount: 0,
  };
}

/** Cached tokens are part of the prompt, thoughts come beside the candidates; a count of 0 is left out. */
function usageOf(answer: GeminiAnswer): TokenUsage {
  const { promptTokens, toolUseTokens, cachedTokens, candidatesTokens, thoughtsTokens } = answer;
  return defined({
    inputTokens: tokenSum(promptTokens, toolUseTokens),
    outputTokens: tokenSum(candidatesTokens, thoughtsTokens),
    reasoningTokens: thoughtsTokens,
    cacheReadTokens: cachedTokens,
  });
}
