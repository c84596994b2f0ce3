import zlib from 'node:zlib';

/**
 * Decodes input that may be truncated.
 *
 * @returns `too long` if the output would exceed `maxOutputLength` bytes
 * @throws if the input is invalid
 */
export type Decoder = (bytes: Buffer, maxOutputLength: number) => Buffer | 'too long';

interface ZlibOptions {
  readonly finishFlush: number;
  readonly maxOutputLength: number;
  readonly params?: Record<number, number>;
}
type ZlibSync = (bytes: Buffer, options: ZlibOptions) => Buffer;

// With these flush modes truncated input is not an error.
const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
/** RFC 9659 limits the window to 8 MiB. A frame could ask for 128 MiB. */
const ZSTD_WINDOW_LOG = 23;

const gunzip = bounded(zlib.gunzipSync, Z_SYNC_FLUSH);
const inflate = bounded(zlib.inflateSync, Z_SYNC_FLUSH);
const inflateRaw = bounded(zlib.inflateRawSync, Z_SYNC_FLUSH);

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflateEither],
  ['br', bounded(zlib.brotliDecompressSync, BROTLI_OPERATION_FLUSH)],
  ...zstd(),
]);

/**
 * Returns the decoder of a content encoding, or the reason why the body cannot be decoded.
 *
 * @param encoding name in lower case
 */
export function decoderOf(encoding: string): { readonly decode: Decoder } | { readonly undecodable: string } {
  const decode = DECODERS.get(encoding);
  if (decode !== undefined) return { decode };
  if (encoding === 'zstd') return { undecodable: 'content-encoding zstd needs Node 22.15 or later' };
  return { undecodable: `content-encoding ${encoding.slice(0, 40)} is not known` };
}

function bounded(decompress: ZlibSync, finishFlush: number, params: Record<number, number> = {}): Decoder {
  return (bytes, maxOutputLength) => {
    if (bytes.length === 0) return bytes;
    try {
      return decompress(bytes, { finishFlush, maxOutputLength, params });
    } catch (error) {
      // Not by `instanceof`, which fails across realms, as in jest.
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return 'too long';
      throw error;
    }
  };
}

function inflateEither(bytes: Buffer, maxOutputLength: number): Buffer | 'too long' {
  try {
    return inflate(bytes, maxOutputLength);
  } catch {
    return inflateRaw(bytes, maxOutputLength);
  }
}

interface ZstdZlib {
  readonly constants: { readonly ZSTD_e_flush: number; readonly ZSTD_d_windowLogMax: number };
  readonly zstdDecompressSync?: ZlibSync;
}

/** Supported by node:zlib from Node.js 22.15 on. */
function zstd(): [string, Decoder][] {
  const { zstdDecompressSync, constants } = zlib as unknown as ZstdZlib;
  if (zstdDecompressSync === undefined) return [];
  const params = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG };
  return [['zstd', bounded(zstdDecompressSync, constants.ZSTD_e_flush, params)]];
}
