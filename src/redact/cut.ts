/** No secret in a text contains one of these. */
const TOKEN_END = /[\s"<>`]/;
const WORD = /^[A-Za-z0-9]*$/;
/** Longer than any key that has not been recognised by its shape. */
const LONGEST_TAIL = 4_096;

/**
 * Drops the last run of characters without white space from a truncated text: it may be the beginning of a key, of a
 * token after `Bearer`, or of a password before its `@`. Keys are ASCII, so a text without spaces, such as Chinese,
 * loses only its last ASCII characters. A URL is dropped as a whole.
 */
export function withoutTail(text: string): string {
  // A key does not start within a word.
  if (text.length > LONGEST_TAIL && WORD.test(text.slice(-LONGEST_TAIL))) return text;
  const first = Math.max(0, text.length - LONGEST_TAIL);
  let run = text.length;
  let ascii = run;
  while (run > first && !TOKEN_END.test(text.charAt(run - 1))) {
    run -= 1;
    if (ascii === run + 1 && text.charCodeAt(run) < 0x80) ascii = run;
  }
  return text.slice(0, text.includes('://', run) ? run : ascii);
}
