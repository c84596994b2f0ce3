/** Copies a string. V8 keeps the whole original alive for a slice of it. */
export function detachedCopy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

const MEMORY = 1_000;
const MEMORABLE_LENGTH = 64;

/**
 * Memoizes a pure function of a string, for strings such as names that repeat. Holds at most 1,000 results.
 *
 * @param longest the longest string to cache, in UTF-16 code units. Default: 64.
 */
export function memoize<T>(read: (text: string) => T, longest = MEMORABLE_LENGTH): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const result = read(text);
    if (text.length <= longest) {
      if (known.size === MEMORY) known.clear();
      // A copy: a cached slice would keep the whole body alive.
      known.set(Buffer.from(text, 'utf16le').toString('utf16le'), result);
    }
    return result;
  };
}
