const MEMORY = 1_000;
const MEMORABLE_LENGTH = 64;

/**
 * Returns the function that gives what `read` does, for names and the like, which are always the same few: it
 * remembers, within bounds.
 *
 * @param longest of the texts that are remembered
 */
export function remembered<T>(read: (text: string) => T, longest = MEMORABLE_LENGTH): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const result = read(text);
    if (text.length <= longest) {
      if (known.size === MEMORY) known.clear();
      // A copy: a slice that is remembered would keep the whole body alive.
      known.set(Buffer.from(text, 'utf16le').toString('utf16le'), result);
    }
    return result;
  };
}
