import type { MessagePart } from '../content.js';
import { defined } from '../facts/defined.js';
import { asLabel } from '../facts/label.js';
import type { ResponseFacts } from '../format.js';
import { asList, asObject, asText } from '../json/json.js';
import { partOf } from './parts.js';
import { tokenUsage } from './token-usage.js';

/** What `doGenerate` gave back says (reference row R17), in v2, v3 or v4. */
export function responseFacts(value: unknown): ResponseFacts {
  const result = asObject(value);
  const response = asObject(result?.['response']);
  return answerFacts({
    id: response?.['id'],
    model: response?.['modelId'],
    finishReason: result?.['finishReason'],
    usage: result?.['usage'],
    providerMetadata: result?.['providerMetadata'],
    parts: asList(result?.['content']).map(partOf),
    warningCount: asList(result?.['warnings']).length,
  });
}

/** An answer that has been put together: the members as they were given. */
export interface Answer {
  readonly id: unknown;
  readonly model: unknown;
  readonly finishReason: unknown;
  readonly usage: unknown;
  readonly providerMetadata: unknown;
  readonly parts: readonly MessagePart[];
  readonly warningCount: number;
}

export function answerFacts(answer: Answer): ResponseFacts {
  const reason = finishReasonOf(answer.finishReason);
  const message = { role: 'assistant', parts: answer.parts, ...defined({ finish_reason: reason }) };
  return {
    id: asLabel(answer.id),
    model: asLabel(answer.model),
    finishReasons: reason === undefined ? [] : [reason],
    usage: tokenUsage(answer.usage, answer.providerMetadata),
    output: answer.parts.length === 0 ? [] : [message],
    warningCount: answer.warningCount,
  };
}

/** From v3 on in the provider's words as well. */
function finishReasonOf(value: unknown): string | undefined {
  const reason = asObject(value);
  return asLabel(asText(reason?.['raw']) ?? reason?.['unified'] ?? value);
}
