import { contentKind, mediaType } from '../content-kind.js';
import type { Place } from '../repeated-json.js';
import { Edits, REDACTED } from './replacements.js';
import { percentDecoded, percentEncoded } from './url.js';

export interface Body {
  readonly text: string;
  readonly contentType: string | undefined;
  readonly truncated: boolean;
}

/** How the texts in a body are redacted. `cut`: the body is truncated within this text. */
export interface PartRules {
  /**
   * Returns `undefined` for a text that is not JSON or, if truncated, not the beginning of JSON.
   *
   * @param at the position of the text in the body; `undefined` if the body does not contain it verbatim
   */
  redactJson(text: string, cut: boolean, at: number | undefined): string | undefined;
  redactString(text: string, cut: boolean): string;
  /** Whether a string, in JSON source, certainly neither is nor contains a secret. */
  isHarmless(place: Place, text: string): boolean;
  isSecretField(name: string): boolean;
}

const CUT_ESCAPE = /%[0-9a-f]?$/i;

/**
 * Redacts a form (`application/x-www-form-urlencoded`): the values of fields with the secret name of a JSON member or a
 * query parameter, and the secrets in all other values and names, decoded.
 *
 * @param cut the last field is truncated
 */
export function redactForm(text: string, cut: boolean, { redactString, isSecretField }: PartRules): string {
  const edits = new Edits(text);
  const redactPart = (start: number, end: number, partCut: boolean) => {
    const raw = text.slice(start, end).replace(partCut ? CUT_ESCAPE : '', '');
    const before = decoded(raw);
    const after = redactString(before, partCut);
    if (after !== before) edits.replace(start, end, percentEncoded(after));
  };
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('&', start);
    const end = found < 0 ? text.length : found;
    const isCut = cut && found < 0;
    const equals = text.slice(start, end).indexOf('=');
    const nameEnd = equals < 0 ? end : start + equals;
    redactPart(start, nameEnd, isCut && equals < 0);
    if (equals >= 0) {
      const name = decoded(text.slice(start, nameEnd));
      if (isSecretField(name)) edits.replace(nameEnd + 1, end, REDACTED);
      else redactPart(nameEnd + 1, end, isCut);
    }
    start = end + 1;
  }
  return edits.applied();
}

function decoded(raw: string): string {
  return percentDecoded(raw.replaceAll('+', ' '));
}

/**
 * Redacts lines of JSON. Returns `undefined` if a line is not JSON.
 *
 * @param cut the last line is truncated
 * @param otherwise replaces a line that is not JSON
 */
export function redactNdjson(
  text: string,
  cut: boolean,
  { redactJson }: PartRules,
  otherwise?: typeof REDACTED,
): string | undefined {
  const edits = new Edits(text);
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const line = text.slice(start, end);
    if (line.trim() !== '') {
      const redacted = redactJson(line, cut && found < 0, start) ?? otherwise;
      if (redacted === undefined) return undefined;
      if (redacted !== line) edits.replace(start, end, redacted);
    }
    start = end + 1;
  }
  return edits.applied();
}

const BOUNDARY = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;,"]{1,200}))/i;
/** Clients write no preamble. */
const FIRST_LINE = /^--([^\r\n]{1,200})/;
const HEADERS_END = /\r?\n\r?\n/;
const NAME = /^content-disposition:[^\n]*?[;\s]name=(?:"([^"\n]*)"|([^\s;"]+))/im;
const FILE_NAME = /^content-disposition:[^\n]*?;\s*filename\*?=/im;
const TYPE = /^content-type:([^\r\n]*)/im;

/**
 * Redacts a multipart body (RFC 7578): the content of a part with a secret name becomes `[REDACTED]`, a file becomes
 * its type and size, and `redactPart` redacts the other parts. Returns `undefined` if no boundary is found.
 */
export function redactMultipart(
  { text, contentType, truncated }: Body,
  rules: PartRules,
  redactPart: (part: Body) => string,
): string | undefined {
  const [, quoted, bare] = BOUNDARY.exec(contentType ?? '') ?? [];
  const boundary = quoted ?? bare ?? FIRST_LINE.exec(text)?.[1]?.trimEnd();
  const delimiter = `\n--${boundary}`;
  const parts = `\n${text}`.split(delimiter);
  if (boundary === undefined || parts.length === 1) return undefined;
  const redacted = parts.map((part, index) => redactOne(part, truncated && index === parts.length - 1));
  return redacted.join(delimiter).slice(1);

  function redactOne(part: string, cut: boolean): string {
    const end = HEADERS_END.exec(part);
    // Before the first delimiter, after the last one, or truncated within the headers.
    if (end === null) return rules.redactString(part, cut);
    const contentStart = end.index + end[0].length;
    const head = part.slice(0, contentStart);
    const contentEnd = !cut && part.endsWith('\r') ? part.length - 1 : part.length;
    const body = {
      text: part.slice(contentStart, contentEnd),
      contentType: TYPE.exec(head)?.[1],
      truncated: cut,
    };
    return rules.redactString(head, false) + redactContent(head, body) + part.slice(contentEnd);
  }

  function redactContent(head: string, body: Body): string {
    const name = NAME.exec(head);
    if (rules.isSecretField(name?.[1] ?? name?.[2] ?? '')) return REDACTED;
    return FILE_NAME.test(head) ? sizeNote(body) : redactPart(body);
  }
}

/** `[image/png, 12345 bytes]`; "about" if decoding has lost bytes. */
export function sizeNote({ text, contentType, truncated }: Body): string {
  const lost = text.split('\ufffd').length - 1;
  const bytes = Buffer.byteLength(text) - 2 * lost;
  const precision = truncated ? 'at least ' : lost > 0 ? 'about ' : '';
  const type = mediaType(contentType) || (contentKind(contentType) === 'text' ? 'file' : 'binary');
  return `[${type}, ${precision}${bytes} bytes]`;
}
