import { TextDecoder } from 'node:util';
import { contentKind, mediaType } from '../../content-kind.js';
import { lazy } from '../../loading.js';
import type { Decoder } from './content-encoding.js';

interface EncodedBody {
  readonly bytes: Buffer;
  readonly truncated: boolean;
  /** The header: encodings in the order in which they were applied. */
  readonly contentEncoding: string | undefined;
  readonly limitBytes: number;
}

/** At most `limitBytes` of the decoded body, possibly a view of the input; or why it cannot be decoded. */
export type DecodedBody =
  | { readonly bytes: Buffer; readonly truncated: boolean }
  | { readonly undecodable: string };

/** Loaded with node:zlib for the first body with a content encoding. */
const loadDecoders = lazy(() => require('./content-encoding.js') as typeof import('./content-encoding.js'));

const MAX_ENCODINGS = 4;

/** Largest block of zstd, which decodes as a whole (RFC 8878). */
const BLOCK_BYTES = 128 * 1024;

export const TRUNCATED = '[TRUNCATED]';

const UTF_8 = 'utf-8';
const BYTE_ORDER_MARK = '\ufeff';
const CHARSET = /;\s*charset\s*=\s*["']?([\w.:+-]{1,40})/i;

/**
 * Removes the content encodings of a captured body. Memory is bounded: a small body that decodes to gigabytes costs a
 * few times `limitBytes`. Never throws.
 */
export function decodeBody({ bytes, truncated, contentEncoding, limitBytes }: EncodedBody): DecodedBody {
  const encodings = encodingsOf(contentEncoding);
  if (encodings.length > MAX_ENCODINGS)
    return { undecodable: `more than ${MAX_ENCODINGS} content-encodings` };
  let decoded = { bytes, truncated };
  for (const encoding of encodings.reverse()) {
    const decoder = loadDecoders().decoderOf(encoding);
    if ('undecodable' in decoder) return decoder;
    try {
      const { output, whole } = decodeWithin(decoder.decode, decoded.bytes, limitBytes);
      decoded = { bytes: output, truncated: decoded.truncated || !whole };
    } catch {
      return { undecodable: `content-encoding ${encoding} could not be decoded` };
    }
  }
  if (decoded.bytes.length <= limitBytes) return decoded;
  return { bytes: decoded.bytes.subarray(0, limitBytes), truncated: true };
}

function encodingsOf(header: string | undefined): string[] {
  const named = (header ?? '').slice(0, 200).toLowerCase().split(',');
  return named.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
}

/**
 * zlib discards its output if that is longer than allowed. So this searches, by bisection, for a prefix of the input
 * whose output fits. Each attempt is bounded, and their number is logarithmic in the length of the input.
 */
function decodeWithin(decode: Decoder, input: Buffer, limit: number): { output: Buffer; whole: boolean } {
  const room = 2 * limit + BLOCK_BYTES;
  const output = decode(input, room);
  if (output !== 'too long') return { output, whole: true };
  let best: Buffer = Buffer.alloc(0);
  let short = 0;
  let long = input.length;
  while (long - short > 1 && best.length < limit) {
    const middle = (short + long) >> 1;
    const part = decode(input.subarray(0, middle), room);
    if (part === 'too long') {
      long = middle;
    } else {
      short = middle;
      best = part;
    }
  }
  return { output: best, whole: false };
}

/**
 * Returns a decoded body as text in its declared charset. A truncated body is cut at a character and ends with
 * `[TRUNCATED]`. A binary body, by its type or a NUL in it, is replaced by its type and length.
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
  // A part may be a binary file: redaction handles the parts.
  if (kind !== 'multipart' && text.includes('\0')) return binary;
  return truncated ? text + TRUNCATED : text;
}

export function withoutTruncationMark({
  text,
  truncated,
}: {
  readonly text: string;
  readonly truncated: boolean;
}): string {
  return truncated && text.endsWith(TRUNCATED) ? text.slice(0, -TRUNCATED.length) : text;
}

/** Drops a partial character at a cut. An unknown charset is read as UTF-8. */
function decoded(bytes: Uint8Array, truncated: boolean, contentType: string | undefined): string {
  const charset = charsetOf(contentType);
  if (truncated || charset !== UTF_8) return decoderFor(charset).decode(bytes, { stream: truncated });
  // As TextDecoder does, at a lower cost.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

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
