import { remembered } from '../remembered.js';
import { withoutTail } from './cut.js';
import { type KeyReading, redactJson } from './json.js';
import type { RedactString } from './json-strings.js';
import { decoded } from './json-strings.js';
import { base64Note, endsInDataUrl, redactDataUrls } from './media.js';
import { keyName, REDACTED } from './names.js';
import { NO_SUSPICION, suspicionOf } from './suspicion.js';
import { NO_KIND, redactKinds, redactText } from './text.js';

/** Where providers put files: Anthropic, Gemini and audio of OpenAI; images; documents; images while they grow. */
const MEDIA_NAMES: ReadonlySet<string> = new Set([
  'data',
  'b64json',
  'filedata',
  'partialimageb64',
  'bytesbase64encoded',
  'imagebytes',
]);

/**
 * Returns the function that takes a member's name as it stands between its quotation marks, escapes and all,
 * and gives what it says.
 *
 * @param isSecret asked with the name in the form of `keyName`
 */
export function keyReader(isSecret: (name: string) => boolean): (raw: string) => KeyReading {
  return remembered((raw) => read(decoded(`"${raw}"`), isSecret));
}

function read(key: string, isSecret: (name: string) => boolean): KeyReading {
  const name = keyName(key);
  const redacted = redactText(key);
  const secret = name === 'token' ? 'token' : 'secret';
  return {
    holds: isSecret(name) ? secret : MEDIA_NAMES.has(name) ? 'media' : 'any',
    replacement: redacted === key ? undefined : JSON.stringify(redacted),
  };
}

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
