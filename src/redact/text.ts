import { ANY_KIND, KINDS, redactKinds } from './kinds.js';
import { DATA_URLS } from './media.js';

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
