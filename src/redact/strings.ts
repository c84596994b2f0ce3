import { withoutTail } from './cut.js';
import { redactJson } from './json.js';
import type { RedactString } from './json-strings.js';
import type { KeyReading } from './keys.js';
import { NO_KIND, redactKinds } from './kinds.js';
import { base64Note, endsInDataUrl, redactDataUrls } from './media.js';
import { REDACTED } from './names.js';
import { NO_SUSPICION, suspicionOf } from './suspicion.js';
import { redactText } from './text.js';

/** JSON in a string of JSON in a string of JSON …: each level doubles the backslashes, which ends it by itself. */
const MAX_LEVELS = 10;

const JSON_START = /^\s*[{["]/;

export type ReadKey = (raw: string) => KeyReading;

/**
 * Returns the function that takes a string, decoded, and gives it without secrets: as JSON where it is JSON, or
 * the beginning of it as the pieces of streamed tool arguments are; the content of a file by its size; any other
 * without data URLs and the shapes of keys.
 */
export function stringRedactor(readKey: ReadKey, level = 1): RedactString {
  let nested: RedactString | undefined;
  const redactString: RedactString = (text, place) => {
    // Made when it is needed: nearly always there is no further level.
    nested ??= stringRedactor(readKey, level + 1);
    return nested(text, place);
  };
  return (text, { named, cut, kinds }) => {
    if (JSON_START.test(text)) {
      if (level === MAX_LEVELS) return REDACTED;
      const suspicion = kinds === NO_KIND ? NO_SUSPICION : suspicionOf(text);
      const json = redactJson(text, cut ? 'cut' : 'open', { readKey, redactString }, suspicion);
      if (json !== undefined) return json;
    }
    return base64Note(text, named, cut) ?? (cut ? redactCut(text) : redactKinds(text, kinds));
  };
}

function redactCut(text: string): string {
  const bare = redactDataUrls(text, true);
  return redactText(endsInDataUrl(text) ? bare : withoutTail(bare));
}
