import { Edits } from './edits.js';
import type { REDACTED } from './names.js';
import type { PartRules } from './part-rules.js';

/**
 * Takes JSON values in lines and gives them without secrets; `undefined` where a line is none. Lines without a
 * secret, empty ones and line ends stay byte for byte.
 *
 * @param cut the last line goes on behind the end of the text
 * @param otherwise what takes the place of a line that is no JSON; without it there may be none
 */
export function redactNdjson(
  text: string,
  cut: boolean,
  { redactJson }: PartRules,
  otherwise?: typeof REDACTED,
): string | undefined {
  const edits = new Edits(text);
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const line = text.slice(start, end);
    if (line.trim() !== '') {
      const redacted = redactJson(line, cut && found < 0, start) ?? otherwise;
      if (redacted === undefined) return undefined;
      if (redacted !== line) edits.replace(start, end, redacted);
    }
    start = end + 1;
  }
  return edits.applied();
}
