import { remembered } from '../remembered.js';
import { isSecretHeader, REDACTED } from './names.js';
import { redactText } from './text.js';
import { urlRedactor } from './url.js';

export interface HeaderRedactorOptions {
  /** Names of headers that are secret too, in any case. */
  readonly headers?: readonly string[];
  /** Names of headers that are not secret, in any case; they win. */
  readonly except?: readonly string[];
}

/** Headers whose whole value is one URL, where a quote or a space ends nothing; `link` holds several, as text. */
const URL_HEADERS: ReadonlySet<string> = new Set(['location', 'content-location', 'referer', 'origin']);

/**
 * Returns the function that takes a header's lower-case name and its value, and gives back the value as it may
 * be recorded: `[REDACTED]` for the secret ones ("Redaction" in the reference, and the user's own), a URL
 * without its secrets, any other text without well-known shapes of keys.
 */
export function headerRedactor({
  headers = [],
  except = [],
}: HeaderRedactorOptions = {}): (lowerCaseName: string, value: string) => string {
  const own = namesIn(headers);
  const safe = namesIn(except);
  const redactUrl = urlRedactor();
  const isSecret = remembered((name) => !safe.has(name) && (own.has(name) || isSecretHeader(name)));
  return (name, value) => {
    if (isSecret(name)) return REDACTED;
    return URL_HEADERS.has(name) ? redactUrl(value) : redactText(value);
  };
}

function namesIn(list: readonly string[]): ReadonlySet<string> {
  return new Set(list.map((name) => name.trim().toLowerCase()));
}
