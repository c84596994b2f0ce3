import type { Kind } from './marked.js';

/** What stands before the data: type, parameters, `;base64,`. All bounded, so that a search is linear. */
const DATA_URL =
  /data:([a-z]{1,20}\/[\w.+-]{1,100})?(?:;[\w-]{1,40}=[^;,"'\s]{0,100}){0,4};base64,([\w+/%=-]*)/gi;

/** A value that is one, of a type as they all are. */
const WHOLE_DATA_URL = /^data:([a-z]{1,20}\/[a-z0-9+]{1,12});base64,([\w+/%=-]*)$/i;

const BASE64 = /^[\w+/-]+={0,2}$/;
/** What data have and a long row of letters has not. */
const VARIED = [/[a-z]/, /[A-Z]/, /\d/];

/** As long as no word, id or key is. */
const MEDIA_LENGTH = 1_024;
/** Under a name that says what it holds. */
const NAMED_MEDIA_LENGTH = 64;

/** By the end of `;base64,`: the engine's search is fastest for a short text that begins with what is rare. */
export const DATA_URLS: Kind = {
  mark: '64,',
  isSuspect: (text, at) => /e/i.test(text.charAt(at - 1)),
  redact: (text) => redactDataUrls(text),
};

/**
 * Replaces the data URLs in a text that are base64 by their type and size: `[image/png, 12345 bytes]`.
 *
 * @param cut the text goes on behind its end, and a data URL that reaches it perhaps as well
 */
export function redactDataUrls(text: string, cut = false): string {
  if (!text.includes(DATA_URLS.mark)) return text;
  return text.replace(DATA_URL, (url: string, type: string | undefined, data: string, at: number) =>
    sizeNote(type?.toLowerCase() ?? 'text/plain', data, cut && at + url.length === text.length),
  );
}

/** Whether a text ends in the middle of a data URL, or at the end of one. */
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
 * Takes a whole value, and gives its size instead, `[base64, 12345 bytes]`, where it is the content of a file
 * in base64: 1,024 characters without white space, or 64 under a name that holds such (`named`).
 */
export function base64Note(value: string, named: boolean, cut = false): string | undefined {
  if (!mayBeMedia(value.length, named) || !BASE64.test(value)) return undefined;
  if (!named && !VARIED.every((some) => some.test(value))) return undefined;
  return sizeNote('base64', value, cut);
}

/** The same, for a data URL too. */
export function mediaNote(value: string, named: boolean): string | undefined {
  const [, type, data] = WHOLE_DATA_URL.exec(value) ?? [];
  if (type === undefined || data === undefined) return base64Note(value, named);
  return sizeNote(type.toLowerCase(), data, false);
}

/** Whether a value of this length can be what these replace, and is worth trying. */
export function mayBeMedia(length: number, named: boolean): boolean {
  return length >= (named ? NAMED_MEDIA_LENGTH : MEDIA_LENGTH);
}

function sizeNote(type: string, data: string, cut: boolean): string {
  const escapes = data.includes('%') ? data.split('%').length - 1 : 0;
  const padding = /(?:=|%3d)*$/i.exec(data.slice(-6))?.[0].replaceAll(/%3d/gi, '=').length ?? 0;
  const bytes = Math.floor(((data.length - 2 * escapes - padding) * 3) / 4);
  return `[${type}, ${cut ? 'at least ' : ''}${bytes} bytes]`;
}
