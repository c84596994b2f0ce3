import { lazily } from '../../loading.js';
import type { Decoder } from './content-encoding.js';

export interface EncodedBody {
  /** What was captured, which may be the beginning only. */
  readonly bytes: Buffer;
  readonly truncated: boolean;
  /** The header as it came: encodings in the order in which they were applied. */
  readonly contentEncoding: string | undefined;
  readonly limitBytes: number;
}

/** At most `limitBytes` of the body without its encodings (perhaps a view of the input); or why it can't be had. */
export type DecodedBody =
  | { readonly bytes: Buffer; readonly truncated: boolean }
  | { readonly undecodable: string };

/** Loaded, with node:zlib, for the first body in a content encoding. */
const loadDecoders = lazily(() => require('./content-encoding.js') as typeof import('./content-encoding.js'));

const MAX_ENCODINGS = 4;

/** A block of zstd comes out whole or not at all, and is as long as this at most (RFC 8878). */
const BURST_BYTES = 128 * 1024;

/**
 * Takes the content encodings off a captured body, within its bound: a small body that decodes to gigabytes
 * costs a few times the bound and no more. Never throws.
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
 * zlib throws its output away when there is more of it than allowed, so this looks for a beginning of the
 * input that fits: halving the distance between one that is too short and one that is too long. Each try ends
 * at twice the limit and a burst, and there are at most as many as the input's length has binary digits.
 */
function decodeWithin(decode: Decoder, input: Buffer, limit: number): { output: Buffer; whole: boolean } {
  const room = 2 * limit + BURST_BYTES;
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
