/** The texts of a list; `undefined` where there is none. */
export function textsIn(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((item) => typeof item === 'string');
  return texts.length === 0 ? undefined : texts;
}
