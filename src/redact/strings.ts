import { withoutTail } from './cut.js';
import { redactJson, type StringPlace } from './json.js';
import type { KeyReading } from './keys.js';
import { base64Note, endsInDataUrl, redactDataUrls } from './media.js';
import { REDACTED } from './names.js';
import { redactText } from './text.js';

/** JSON in a string of JSON in a string of JSON …: each level doubles the backslashes, which ends it by itself. */
const MAX_LEVELS = 10;

const JSON_START = /^\s*[{["]/;

export type ReadKey = (raw: string) => KeyReading;
export type StringRedactor = (text: string, place: StringPlace) => string;

/**
 * Returns the function that takes a string, decoded, and gives it without secrets: as JSON where it is JSON, or
 * the beginning of it as the pieces of streamed tool arguments are; the content of a file by its size; of any
 * other `plain` says what it becomes, but of one that was cut.
 */
export function stringRedactor(readKey: ReadKey, plain: (text: string) => string, level = 1): StringRedactor {
  let nested: StringRedactor | undefined;
  const redactString: StringRedactor = (text, place) => {
    // Made when it is needed: nearly always there is no further level.
    nested ??= stringRedactor(readKey, plain, level + 1);
    return nested(text, place);
  };
  return (text, { named, cut }) => {
    if (mayBeJson(text.charCodeAt(0)) && JSON_START.test(text)) {
      if (level === MAX_LEVELS) return REDACTED;
      const json = redactJson(text, cut ? 'cut' : 'open', { readKey, redactString });
      if (json !== undefined) return json;
    }
    return base64Note(text, named, cut) ?? (cut ? redactCut(text) : plain(text));
  };
}

/** By the first character: white space, `"`, `[` or `{`. It spares nearly every string the pattern. */
function mayBeJson(code: number): boolean {
  return code <= 0x22 || code === 0x5b || code === 0x7b;
}

/** Takes a string that is no JSON: the contents of files by their type and size, and shapes of keys. */
export function redactPlain(text: string): string {
  return redactText(redactDataUrls(text));
}

function redactCut(text: string): string {
  const bare = redactDataUrls(text, true);
  return redactText(endsInDataUrl(text) ? bare : withoutTail(bare));
}
