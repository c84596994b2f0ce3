/** Nothing that is looked for in texts goes beyond these. */
const END = /[\s"<>`]/;

const WORD = /^[A-Za-z0-9]*$/;

/** Longer than any key that is not told by its own shape by then. */
const LONGEST = 4_096;

/**
 * Takes a text that was cut and gives it without the last run of characters, which may be the beginning of a
 * secret that is too short to be told: the shape of a key, what follows `Bearer`, a password before its `@`.
 * Keys are ASCII, so that a text without spaces, as Chinese is, loses no more than it must; a URL goes whole.
 */
export function withoutTail(text: string): string {
  // Nor does a key begin within a word.
  if (text.length > LONGEST && WORD.test(text.slice(-LONGEST))) return text;
  const first = Math.max(0, text.length - LONGEST);
  let run = text.length;
  let ascii = run;
  while (run > first && !END.test(text.charAt(run - 1))) {
    run -= 1;
    if (ascii === run + 1 && text.charCodeAt(run) < 0x80) ascii = run;
  }
  return text.slice(0, text.includes('://', run) ? run : ascii);
}
