/** No longer text is looked at, and no more text than that in all. */
export const MAX_TEXT = 64 * 1024;

/**
 * The text to its first `max` characters, up to the last white space within them: half a key no longer looks
 * like one and would pass the redactor.
 */
export function bounded(text: string, max = MAX_TEXT): string {
  if (text.length <= max) return text;
  let end = max;
  while (end > 0 && !isSpace(text.charCodeAt(end))) end -= 1;
  return text.slice(0, end);
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
