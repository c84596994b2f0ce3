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
  const text = decoderFor(contentType).decode(bytes, { stream: truncated });
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

/** In streaming mode it holds back the bytes of a character that was cut. A charset it does not know is UTF-8. */
function decoderFor(contentType: string | undefined): TextDecoder {
  const charset = /;\s*charset\s*=\s*["']?([\w.:+-]{1,40})/i.exec((contentType ?? '').slice(0, 400))?.[1];
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
