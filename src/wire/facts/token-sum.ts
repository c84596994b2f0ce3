import { asCount } from '../json/json.js';

/** The sum of those that are known, where there is any. */
export function tokenSum(...counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : asCount(known.reduce((sum, count) => sum + count, 0));
}
