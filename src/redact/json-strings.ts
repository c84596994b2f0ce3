import type { Edits } from './edits.js';
import { Strings } from './json-tokens.js';
import { mayBeMedia, mediaNote } from './media.js';
import type { Suspicion } from './suspicion.js';
import { ANY_KIND, type KindSet, NO_KIND } from './text.js';

export interface StringPlace {
  /** The value of a member whose name says that it holds the content of a file. */
  readonly named: boolean;
  /** The text was cut in this string. */
  readonly cut: boolean;
  /** The secrets that it may hold by itself, and not only if it is JSON. */
  readonly kinds: KindSet;
}

/** Takes a decoded string and gives it without secrets; the same one where it has none. */
export type RedactString = (text: string, place: StringPlace) => string;

/** Replaces the strings of a JSON text that hold a secret. Nearly none does, and those are passed over undecoded. */
export class StringEdits {
  constructor(
    private readonly text: string,
    private readonly edits: Edits,
    private readonly redactString: RedactString,
    private readonly suspicion: Suspicion,
  ) {}

  /** The string between the quotation marks at `at` and `end`, which was the last one read. */
  whole(at: number, end: number, named: boolean, { escaped, disguised }: Strings): void {
    const { text } = this;
    if (!escaped && mayBeMedia(end - at - 1, named)) {
      const note = mediaNote(text.slice(at + 1, end), named);
      if (note !== undefined) {
        this.edits.replace(at, end + 1, `"${note}"`);
        return;
      }
    }
    const kinds = disguised ? ANY_KIND : this.suspicion(at, end);
    if (kinds === NO_KIND && !mayBeJson(text, at + 1)) return;
    const string = escaped ? decoded(text.slice(at, end + 1)) : text.slice(at + 1, end);
    const redacted = this.redactString(string, { named, cut: false, kinds });
    if (redacted !== string) this.edits.replace(at, end + 1, JSON.stringify(redacted));
  }

  /**
   * The string whose quotation mark is at `at` and in which the text ends.
   *
   * @param isCut what it ends in may be the beginning of a secret
   */
  unfinished(at: number, named: boolean, isCut: boolean): void {
    const { text } = this;
    const raw = wholeEscapes(text.slice(at + 1));
    const string = decoded(`"${raw}"`);
    const redacted = this.redactString(string, { named, cut: isCut, kinds: ANY_KIND });
    if (isCut && string.startsWith(redacted)) {
      this.edits.replace(at + 1 + encodedLength(raw, redacted.length), text.length, '');
    } else if (redacted !== string) {
      const end = isCut ? text.length : at + 1 + raw.length;
      this.edits.replace(at, end, JSON.stringify(redacted).slice(0, -1));
    }
  }
}

/**
 * Whether a string that begins here may be JSON, by its first character that is no white space of JSON: a quotation mark,
 * `[` or `{`, as it is written or escaped.
 */
export function mayBeJson(text: string, begin: number): boolean {
  for (let at = begin; ; at += 1) {
    let code = text.charCodeAt(at);
    if (code === BACKSLASH) {
      at += 1;
      code = text.charCodeAt(at);
      // The line breaks and the tabulator.
      if (code === 0x6e || code === 0x72 || code === 0x74) continue;
      return code === QUOTE || (code === 0x75 && text.startsWith('00', at + 1));
    }
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)
      return code === 0x5b || code === 0x7b;
  }
}

const BACKSLASH = 0x5c;
const QUOTE = 0x22;

/** Control characters are the ones that do not lie in this range. */
const CONTROL = /[^ -\uffff]/g;

/** @param quoted a string of JSON that has been read, its quotation marks included */
export function decoded(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted);
  } catch {
    return JSON.parse(quoted.replace(CONTROL, (character) => JSON.stringify(character).slice(1, -1)));
  }
}

/** The content of a string without the escape in the middle of which it ends: five characters at most. */
export function wholeEscapes(raw: string): string {
  for (let dropped = 0; dropped < 6; dropped++) {
    const whole = raw.slice(0, raw.length - dropped);
    if (new Strings(`${whole}"`).end(0) === whole.length) return whole;
  }
  return '';
}

/** How long the first `units` code units of a string are in its escaped form. */
export function encodedLength(raw: string, units: number): number {
  let at = 0;
  for (let left = units; left > 0; left--) {
    at += raw.charAt(at) !== '\\' ? 1 : raw.charAt(at + 1) === 'u' ? 6 : 2;
  }
  return at;
}
