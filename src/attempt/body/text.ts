import { TextDecoder } from 'node:util';
import { contentKind, mediaType } from '../../content-kind.js';

/** Put at the end of a body of which there was more (reference row R7). */
export const TRUNCATED = '[TRUNCATED]';

/**
 * Takes a decoded body and gives it as text: in its declared charset, cut at a character's boundary and with
 * `[TRUNCATED]` at the end where there was more. What is no text, by its type or by a NUL in it, is named
 * with its type and length instead.
 */
export function bodyText(
  { bytes, truncated }: { readonly bytes: Uint8Array; readonly truncated: boolean },
  contentType: string | undefined,
): string {
  const kind = contentKind(contentType);
  const length = `${truncated ? 'at least ' : ''}${bytes.length} bytes`;
  const binary = `[binary: ${mediaType(contentType) || 'no type'}, ${length}]`;
  if (kind === 'binary') return binary;
  const text = decoded(bytes, truncated, contentType);
  // A file among the parts may be anything: which of them it is, is for whoever redacts them to see.
  if (kind !== 'multipart' && text.includes('\0')) return binary;
  return truncated ? text + TRUNCATED : text;
}

/** The text of a body without the mark of its cut, where it has one. */
export function withoutMark({
  text,
  truncated,
}: {
  readonly text: string;
  readonly truncated: boolean;
}): string {
  return truncated && text.endsWith(TRUNCATED) ? text.slice(0, -TRUNCATED.length) : text;
}

/** Of a body that was cut, without the bytes of a character that was. A charset that is not known is UTF-8. */
function decoded(bytes: Uint8Array, truncated: boolean, contentType: string | undefined): string {
  const charset = charsetOf(contentType);
  if (truncated || charset !== UTF_8) return decoderFor(charset).decode(bytes, { stream: truncated });
  // What TextDecoder does, without the cost of making one.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

const UTF_8 = 'utf-8';
const BYTE_ORDER_MARK = '\ufeff';
const CHARSET = /;\s*charset\s*=\s*["']?([\w.:+-]{1,40})/i;

function charsetOf(contentType = ''): string {
  if (!contentType.includes(';')) return UTF_8;
  return CHARSET.exec(contentType.slice(0, 400))?.[1]?.toLowerCase() ?? UTF_8;
}

function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
