import type { JsonObject } from '../json/json.js';

/** How many members there are beyond those that are known. */
export function optionCount(members: JsonObject | undefined, known: ReadonlySet<string>): number {
  return Object.keys(members ?? {}).filter((name) => !known.has(name)).length;
}
