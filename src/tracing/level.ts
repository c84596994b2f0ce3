/**
 * Where the longest give way first: the greatest level at which sizes, none counted beyond it, come to `room` at
 * most. What is no larger stays whole. Infinite where all of them fit.
 */
export function levelOf(sizes: readonly number[], room: number): number {
  let left = room;
  for (const [index, size] of sizes.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (sizes.length - index));
    if (size > share) return Math.max(0, share);
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}
