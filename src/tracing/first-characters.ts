/** Half of a character that is two UTF-16 units. */
const PAIRED = /[\uD800-\uDFFF]/;

/** The first `max` characters of a text that was redacted. */
export function firstCharacters(text: string, max: number): string {
  if (text.length <= max) return text;
  if (!PAIRED.test(text)) return text.slice(0, max);
  return Array.from(text.slice(0, 2 * max))
    .slice(0, max)
    .join('');
}
