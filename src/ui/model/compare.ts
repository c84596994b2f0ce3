export interface Difference<T> {
  readonly change: 'same' | 'removed' | 'added';
  readonly item: T;
}

/** Above this number of pairs, only a common prefix and suffix are found. */
const MAX_PAIRS = 1_000_000;

/**
 * Compares two lists by their longest common subsequence, with items compared as JSON. In very long lists everything
 * between the first and last difference is reported as removed and added.
 */
export function differences<T>(before: readonly T[], after: readonly T[]): readonly Difference<T>[] {
  const [from, to] = [before.map(keyOf), after.map(keyOf)];
  const shorter = Math.min(from.length, to.length);
  let begin = 0;
  while (begin < shorter && from[begin] === to[begin]) begin += 1;
  let end = 0;
  while (end < shorter - begin && from.at(-1 - end) === to.at(-1 - end)) end += 1;
  const same = (item: T): Difference<T> => ({ change: 'same', item });
  return [
    ...before.slice(0, begin).map(same),
    ...middle(
      before.slice(begin, before.length - end),
      after.slice(begin, after.length - end),
      from.slice(begin, from.length - end),
      to.slice(begin, to.length - end),
    ),
    ...before.slice(before.length - end).map(same),
  ];
}

function keyOf(item: unknown): string {
  return JSON.stringify(item) ?? '';
}

function middle<T>(
  before: readonly T[],
  after: readonly T[],
  from: readonly string[],
  to: readonly string[],
): readonly Difference<T>[] {
  const removed = (item: T): Difference<T> => ({ change: 'removed', item });
  const added = (item: T): Difference<T> => ({ change: 'added', item });
  if (from.length * to.length > MAX_PAIRS) return [...before.map(removed), ...after.map(added)];
  const lengths = commonLengths(from, to);
  const lines: Difference<T>[] = [];
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    const item = before[i] as T;
    if (from[i] === to[j]) {
      lines.push({ change: 'same', item });
      i += 1;
      j += 1;
    } else if ((lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0)) {
      lines.push(removed(item));
      i += 1;
    } else {
      lines.push(added(after[j] as T));
      j += 1;
    }
  }
  return [...lines, ...before.slice(i).map(removed), ...after.slice(j).map(added)];
}

/** Returns the length of the longest common subsequence that starts at each pair of indexes. */
function commonLengths(from: readonly string[], to: readonly string[]): readonly Uint32Array[] {
  const lengths = Array.from({ length: from.length + 1 }, () => new Uint32Array(to.length + 1));
  for (let i = from.length - 1; i >= 0; i -= 1) {
    for (let j = to.length - 1; j >= 0; j -= 1) {
      const row = lengths[i] as Uint32Array;
      const below = lengths[i + 1] as Uint32Array;
      row[j] = from[i] === to[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return lengths;
}
