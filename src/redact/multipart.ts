import { contentKind, mediaType } from '../content-kind.js';
import { REDACTED } from './names.js';
import type { PartRules } from './part-rules.js';

export interface Body {
  readonly text: string;
  /** The header as it came. */
  readonly contentType: string | undefined;
  /** It goes on behind the end of the text. */
  readonly truncated: boolean;
}

const BOUNDARY = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;,"]{1,200}))/i;
/** What a multipart body begins with: no client writes a preamble. */
const FIRST_LINE = /^--([^\r\n]{1,200})/;
const HEADERS_END = /\r?\n\r?\n/;
const NAME = /^content-disposition:[^\n]*?[;\s]name=(?:"([^"\n]*)"|([^\s;"]+))/im;
const FILE_NAME = /^content-disposition:[^\n]*?;\s*filename\*?=/im;
const TYPE = /^content-type:([^\r\n]*)/im;

/**
 * Takes a multipart body (RFC 7578) and gives it without secrets: of a part whose name says so the content is
 * `[REDACTED]`, of a file its type and size; any other passes `redactPart` by its own type. `undefined` where no
 * boundary is found. What holds no secret stays byte for byte.
 */
export function redactMultipart(
  { text, contentType, truncated }: Body,
  rules: PartRules,
  redactPart: (part: Body) => string,
): string | undefined {
  const [, quoted, bare] = BOUNDARY.exec(contentType ?? '') ?? [];
  const boundary = quoted ?? bare ?? FIRST_LINE.exec(text)?.[1]?.trimEnd();
  // A delimiter begins a line, and so does the first one.
  const delimiter = `\n--${boundary}`;
  const parts = `\n${text}`.split(delimiter);
  if (boundary === undefined || parts.length === 1) return undefined;
  const redacted = parts.map((part, index) => redactOne(part, truncated && index === parts.length - 1));
  return redacted.join(delimiter).slice(1);

  function redactOne(part: string, cut: boolean): string {
    const end = HEADERS_END.exec(part);
    // In front of the first delimiter, behind the last one, and where the headers were cut.
    if (end === null) return rules.redactString(part, cut);
    const contentStart = end.index + end[0].length;
    const head = part.slice(0, contentStart);
    // The line end in front of a delimiter belongs to it.
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

/** `[image/png, 12345 bytes]`; "about" where it was no text, of which not every byte is known any more. */
export function sizeNote({ text, contentType, truncated }: Body): string {
  const lost = text.split('\ufffd').length - 1;
  const bytes = Buffer.byteLength(text) - 2 * lost;
  const precision = truncated ? 'at least ' : lost > 0 ? 'about ' : '';
  const type = mediaType(contentType) || (contentKind(contentType) === 'text' ? 'file' : 'binary');
  return `[${type}, ${precision}${bytes} bytes]`;
}
