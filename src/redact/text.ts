import { isSecretAnywhere, isSecretQueryName, REDACTED } from './names.js';
import { redactQuery, type ValueEnds } from './query.js';
import { redactShapes } from './shapes.js';
import { IN_TEXT, replaceUserInfo } from './user-info.js';

const ENDS: ValueEnds = {
  raw: /[^&#\s"'<>`\\]+/y,
  encoded: /(?:(?!%26|%23)[^&#\s"'<>`\\])+/iy,
};

/**
 * Takes free text (an error message, a plain body) and gives it back without secrets: well-known shapes of
 * keys, what follows `Bearer` and `Basic`, private keys, the user info of URLs and connection strings and
 * their secret query values become `[REDACTED]`. The same text where there is none of it; redacting twice is
 * redacting once. Linear in the length of the text, never throws. ("Redaction" in the reference, and beyond.)
 */
export function redactText(text: string): string {
  // Shapes first: a private key is the one secret with white space in it, and the others end at that.
  const shapeless = replaceUserInfo(redactShapes(text), IN_TEXT, `${REDACTED}@`);
  return redactQuery(shapeless, ENDS, (name, inQuery) =>
    inQuery ? isSecretQueryName(name) : isSecretAnywhere(name),
  );
}
