import { ASSIGNMENTS } from './assignments.js';
import type { Kind } from './kind.js';
import { DATA_URLS } from './media.js';
import { REDACTED } from './names.js';
import { PRIVATE_KEYS, SHAPES } from './shapes.js';
import { USER_INFO } from './user-info.js';

/** In the order in which they are looked for: a private key has white space in it, and the others end at that. */
export const KINDS: readonly Kind[] = [DATA_URLS, ...SHAPES, ...USER_INFO, ...ASSIGNMENTS];

/** Kinds of secrets: a bit for each of `KINDS`. */
export type KindSet = number;
export const NO_KIND: KindSet = 0;
export const ANY_KIND: KindSet = -1;

/** What one of this kind says of a text that may hold it: where a private key goes, others may come to be. */
export function withKind(kinds: KindSet, index: number): KindSet {
  return KINDS[index] === PRIVATE_KEYS ? ANY_KIND : kinds | (1 << index);
}

/** Takes a text and gives it without the secrets of these kinds, of which it is known that there may be some. Never throws. */
export function redactKinds(text: string, kinds: KindSet): string {
  try {
    let rest = text;
    for (let index = 0; index < KINDS.length; index += 1) {
      const kind = KINDS[index];
      if (kind !== undefined && kinds & (1 << index) && rest.includes(kind.mark)) rest = kind.redact(rest);
    }
    return rest;
  } catch {
    // The engine runs out of room where one secret goes on for megabytes.
    return REDACTED;
  }
}
