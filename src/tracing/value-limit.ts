import * as semconv from '../semconv.js';

/** Texts that are JSON by the conventions, and would not be any more. */
export const JSON_ATTRIBUTES: ReadonlySet<string> = new Set([
  semconv.ATTR_CHATDEBUG_REQUEST_SHAPE,
  semconv.ATTR_GEN_AI_INPUT_MESSAGES,
  semconv.ATTR_GEN_AI_OUTPUT_MESSAGES,
  semconv.ATTR_GEN_AI_SYSTEM_INSTRUCTIONS,
  semconv.ATTR_GEN_AI_TOOL_DEFINITIONS,
]);

/**
 * Cuts a text that is too long at a whole character; `undefined` for one that can't be cut.
 *
 * @param maxLength in UTF-16 units, as `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT` counts
 */
export function limitValue(text: string, name: string, maxLength: number): string | undefined {
  if (text.length <= maxLength) return text;
  if (JSON_ATTRIBUTES.has(name)) return undefined;
  const cut = text.slice(0, maxLength);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
