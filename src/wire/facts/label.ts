import { cut } from '../content.js';
import { asText } from '../json/json.js';
import { apart } from './apart.js';

/** Of an identifier, in UTF-16 code units: more than any provider gives one. */
const LABEL_LENGTH = 1_000;

/** A name, an id, a type or a reason: a text that is short, or is cut. */
export function asLabel(value: unknown): string | undefined {
  const text = asText(value);
  return text === undefined || text.length <= LABEL_LENGTH ? text : apart(cut(text, LABEL_LENGTH));
}
