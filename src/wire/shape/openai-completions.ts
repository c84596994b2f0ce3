import type { JsonObject } from '../json/json.js';
import { textPart } from './parts.js';
import type { ShapedMessage, ShapedRequest } from './shaped.js';
import { kindOf } from './words.js';

export function shapeOfCompletions({ prompt, suffix }: JsonObject): ShapedRequest {
  const prompts = promptsOf(prompt);
  const hasSuffix = suffix !== undefined && suffix !== null && typeof prompts !== 'string';
  return {
    system: [],
    messages: hasSuffix ? [...prompts, { role: 'suffix', parts: [textPart(suffix)] }] : prompts,
    tools: [],
    isStructured: false,
  };
}

/** A text, several, or tokens, as one list or a list for each prompt. */
function promptsOf(prompt: unknown): readonly ShapedMessage[] | string {
  if (typeof prompt === 'string') return [{ role: 'user', parts: [textPart(prompt)] }];
  if (!Array.isArray(prompt) || prompt.some((one) => typeof one === 'number')) return kindOf(prompt);
  return prompt.map((one) => ({
    role: 'user',
    parts: [typeof one === 'string' ? textPart(one) : { type: 'tokens', flaws: [kindOf(one)] }],
  }));
}
