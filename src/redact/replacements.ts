export const REDACTED = '[REDACTED]';

/** Replacements in a text, from its beginning to its end. Everything else stays unchanged. */
export class Edits {
  #result = '';
  #copied = 0;
  #edited = false;

  constructor(private readonly text: string) {}

  /** `from` must not precede the end of the previous replacement. */
  replace(from: number, to: number, replacement: string): void {
    this.#result += this.text.slice(this.#copied, from) + replacement;
    this.#copied = to;
    this.#edited = true;
  }

  applied(): string {
    return this.#edited ? this.#result + this.text.slice(this.#copied) : this.text;
  }
}

export interface Secret {
  readonly begin: number;
  readonly end: number;
}

export interface Kind {
  /** What each secret of this kind contains and other texts rarely do. The engine searches for it. */
  readonly mark: string;
  /** Whether the mark at this place may be part of such a secret, in a text or in JSON source. If in doubt, true. */
  isSuspect(text: string, at: number): boolean;
  redact(text: string): string;
  /** The minimum length of a text with such a secret. */
  readonly minLength?: number;
  /** The secret around the mark at this place, bounded by quotation marks. Absent if it is found in another way. */
  readonly secretAt?: SecretAt;
}

type SecretAt = (text: string, markAt: number) => Secret | undefined;

/** The kind whose secrets `secretAt` finds around a mark. */
export function kindOf(mark: string, secretAt: SecretAt, isSuspect: Kind['isSuspect'] = () => true): Kind {
  return { mark, isSuspect, redact: (text) => redactAround(text, mark, secretAt), secretAt };
}

/** Replaces the secrets that `secretAt` finds at each `mark`. Returns a text without secrets unchanged. */
export function redactAround(text: string, mark: string, secretAt: SecretAt): string {
  let result = '';
  let copied = 0;
  for (let at = text.indexOf(mark); at >= 0; ) {
    const secret = secretAt(text, at);
    if (secret !== undefined) {
      result += text.slice(copied, secret.begin) + REDACTED;
      copied = secret.end;
    }
    at = text.indexOf(mark, Math.max(at + mark.length, copied));
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** Type, parameters and `;base64,` before the data. All are bounded, so that a search takes linear time. */
const DATA_URL =
  /data:([a-z]{1,20}\/[\w.+-]{1,100})?(?:;[\w-]{1,40}=[^;,"'\s]{0,100}){0,4};base64,([\w+/%=-]*)/gi;

const WHOLE_DATA_URL = /^data:([a-z]{1,20}\/[a-z0-9+]{1,12});base64,([\w+/%=-]*)$/i;
const BEFORE_DATA = ';base64,';

const BASE64 = /^[\w+/-]+={0,2}$/;
const VARIED = [/[a-z]/, /[A-Z]/, /\d/];

const MEDIA_LENGTH = 1_024;
const NAMED_MEDIA_LENGTH = 64;

export const DATA_URLS: Kind = {
  mark: ';',
  isSuspect: (text, at) =>
    /b/i.test(text.charAt(at + 1)) && text.slice(at, at + BEFORE_DATA.length).toLowerCase() === BEFORE_DATA,
  redact: (text) => redactDataUrls(text),
};

/**
 * Replaces base64 data URLs in a text by their type and size: `[image/png, 12345 bytes]`.
 *
 * @param cut the text is truncated, and so may be a data URL at its end
 */
export function redactDataUrls(text: string, cut = false): string {
  if (!text.includes(';') || !text.includes('64,')) return text;
  return text.replace(DATA_URL, (url: string, type: string | undefined, data: string, at: number) =>
    dataNote(type?.toLowerCase() ?? 'text/plain', data, cut && at + url.length === text.length),
  );
}

export function endsInDataUrl(text: string): boolean {
  const start = text.lastIndexOf('data:');
  if (start < 0) return false;
  DATA_URL.lastIndex = start;
  const found = DATA_URL.exec(text);
  const reaches = found !== null && DATA_URL.lastIndex === text.length;
  DATA_URL.lastIndex = 0;
  return reaches;
}

/**
 * Returns the size of a value, `[base64, 12345 bytes]`, if it is the content of a file in base64: at least 1,024
 * characters without white space, or 64 under a name of such content.
 */
export function base64Note(value: string, named: boolean, cut = false): string | undefined {
  if (!mayBeMedia(value.length, named) || !BASE64.test(value)) return undefined;
  if (!named && !VARIED.every((some) => some.test(value))) return undefined;
  return dataNote('base64', value, cut);
}

export function mediaNote(value: string, named: boolean): string | undefined {
  const [, type, data] = WHOLE_DATA_URL.exec(value) ?? [];
  if (type === undefined || data === undefined) return base64Note(value, named);
  return dataNote(type.toLowerCase(), data, false);
}

export function mayBeMedia(length: number, named: boolean): boolean {
  return length >= (named ? NAMED_MEDIA_LENGTH : MEDIA_LENGTH);
}

function dataNote(type: string, data: string, cut: boolean): string {
  const escapes = data.includes('%') ? data.split('%').length - 1 : 0;
  const padding = /(?:=|%3d)*$/i.exec(data.slice(-6))?.[0].replaceAll(/%3d/gi, '=').length ?? 0;
  const bytes = Math.floor(((data.length - 2 * escapes - padding) * 3) / 4);
  return `[${type}, ${cut ? 'at least ' : ''}${bytes} bytes]`;
}
