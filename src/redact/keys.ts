import { remembered } from '../remembered.js';
import { decoded } from './json-string.js';
import { keyName } from './names.js';
import { redactText } from './text.js';

/** What a member's name says of its value. */
export interface KeyReading {
  /**
   * `token`: a secret, or what a model calls a token. `media`: a string in it that is base64 is the content of
   * a file.
   */
  readonly holds: 'secret' | 'token' | 'media' | 'any';
  /** The name, as JSON, without the shape of a key that it holds itself; `undefined` where it holds none. */
  readonly replacement: string | undefined;
}

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
