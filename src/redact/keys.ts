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

const MEMORY = 1_000;
const MEMORABLE_LENGTH = 64;

/**
 * Returns the function that takes a member's name as it stands between its quotation marks, escapes and all,
 * and gives what it says. The names of bodies are always the same few, so it remembers them, within bounds.
 *
 * @param isSecret asked with the name in the form of `keyName`
 */
export function keyReader(isSecret: (name: string) => boolean): (raw: string) => KeyReading {
  const known = new Map<string, KeyReading>();
  return (raw) => {
    const remembered = known.get(raw);
    if (remembered !== undefined) return remembered;
    const reading = read(decoded(`"${raw}"`), isSecret);
    if (raw.length <= MEMORABLE_LENGTH) {
      if (known.size === MEMORY) known.clear();
      // A copy: a slice that is remembered would keep the whole body alive.
      known.set(Buffer.from(raw, 'utf16le').toString('utf16le'), reading);
    }
    return reading;
  };
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
