import { ASSIGNMENTS } from './assignments.js';
import type { Kind } from './marked.js';
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

/** By index what one of this kind says of a text that may hold it: where a private key goes, others may come to be. */
export const SUSPECTED: readonly KindSet[] = KINDS.map((kind, index) =>
  kind === PRIVATE_KEYS ? ANY_KIND : 1 << index,
);

/** All but that of data URLs: nobody has looked for them. */
const MANY_KINDS: KindSet = ANY_KIND & ~1;

/** Beyond this the engine's search for each mark is faster than a look at each character. */
const SHORT_LENGTH = 192;

/**
 * Of each character code the kinds whose mark holds it, where it is the one that texts have least of all that are in
 * the mark. Nearly every short text has none of them.
 */
const MARKED_BY = new Int32Array(128);
for (const [index, { mark }] of KINDS.entries()) {
  const rarest = /[A-Z*%@=:_]/.exec(mark)?.[0] ?? mark.charAt(0);
  const code = rarest.charCodeAt(0);
  MARKED_BY[code] = (MARKED_BY[code] ?? 0) | (1 << index);
}

/** The kinds that a text, or what is between two places of it, may hold by the characters it has. */
export function possibleKinds(text: string, begin = 0, end = text.length): KindSet {
  let kinds = NO_KIND;
  for (let at = begin; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 128) kinds |= MARKED_BY[code] ?? 0;
  }
  return kinds;
}

/** Takes a text and gives it without the secrets of these kinds, of which it is known that there may be some. Never throws. */
export function redactKinds(text: string, kinds: KindSet): string {
  // No replacement makes a mark that was not there before.
  const isUnknown = (kinds & MANY_KINDS) === MANY_KINDS;
  const possible = isUnknown && text.length <= SHORT_LENGTH ? kinds & possibleKinds(text) : kinds;
  if (possible === NO_KIND) return text;
  try {
    let rest = text;
    for (let left = possible; left !== 0; left &= left - 1) {
      const kind = KINDS[31 - Math.clz32(left & -left)];
      if (kind !== undefined && rest.includes(kind.mark)) rest = kind.redact(rest);
    }
    return rest;
  } catch {
    // The engine runs out of room where one secret goes on for megabytes.
    return REDACTED;
  }
}

const SECRETS = ANY_KIND & ~(1 << KINDS.indexOf(DATA_URLS));

/**
 * Takes free text (an error message, a plain body) and gives it back without secrets: well-known shapes of
 * keys, what follows `Bearer` and `Basic`, private keys, the user info of URLs and connection strings and the
 * values of secret names become `[REDACTED]`. The same text where there is none of it; what is JSON stays JSON;
 * redacting twice is redacting once. Linear in the length of the text, never throws. ("Redaction" in the
 * reference, and beyond.)
 */
export function redactText(text: string): string {
  return redactKinds(text, SECRETS);
}
