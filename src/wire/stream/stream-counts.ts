import type { StreamCounts } from '../format.js';

/** Counts while they are counted. */
export type Counting = { -readonly [name in keyof StreamCounts]: number };

export function noCounts(): Counting {
  return { parts: 0, textDeltas: 0, reasoningDeltas: 0, toolCalls: 0, sources: 0, errors: 0 };
}
