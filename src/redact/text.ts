import { redactAssignments } from './assignments.js';
import { REDACTED } from './names.js';
import { redactShapes } from './shapes.js';
import { IN_TEXT, replaceUserInfo } from './user-info.js';

/**
 * Takes free text (an error message, a plain body) and gives it back without secrets: well-known shapes of
 * keys, what follows `Bearer` and `Basic`, private keys, the user info of URLs and connection strings and the
 * values of secret names become `[REDACTED]`. The same text where there is none of it; what is JSON stays JSON;
 * redacting twice is redacting once. Linear in the length of the text, never throws. ("Redaction" in the
 * reference, and beyond.)
 */
export function redactText(text: string): string {
  try {
    // Shapes first: a private key is the one secret with white space in it, and the others end at that.
    return redactAssignments(replaceUserInfo(redactShapes(text), IN_TEXT, `${REDACTED}@`));
  } catch {
    // The engine runs out of room where one secret goes on for megabytes.
    return REDACTED;
  }
}
