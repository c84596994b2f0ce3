/**
 * Tempo's lexer (2.10) loses its place where one of these borders falls among attribute names, since it looks ahead
 * with a copy of a scanner that reads so many bytes at a time.
 */
const SCANNED_AT_ONCE = 1_024;

/**
 * A text as TraceQL takes it, whatever is in it. Its strings are those of Go, and ASCII here; half a surrogate pair
 * arrived as U+FFFD in what is stored, too.
 */
export function traceqlString(text: string): string {
  const quoted = JSON.stringify(Buffer.from(text).toString());
  return quoted.replace(/[^ -~]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
}

/**
 * The spans with this value of this attribute.
 *
 * @param select the attributes that the answer is to have, of the newest traces; they fill less than 1,024 bytes
 */
export function traceqlSearch(name: string, value: string, select: readonly string[] = []): string {
  const condition = `{ span.${name} = ${traceqlString(value)} }`;
  if (select.length === 0) return condition;
  const rest = ` | select(${select.map((wanted) => `span.${wanted}`).join(', ')}) with (most_recent=true)`;
  if (condition.length + rest.length <= SCANNED_AT_ONCE) return condition + rest;
  return condition.padEnd(Math.ceil(condition.length / SCANNED_AT_ONCE) * SCANNED_AT_ONCE) + rest;
}
