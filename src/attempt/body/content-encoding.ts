import zlib from 'node:zlib';

/**
 * Decodes input that may end anywhere. Throws where it is broken; where its output would get longer than
 * `maxOutputLength` bytes, there is none.
 */
export type Decoder = (bytes: Buffer, maxOutputLength: number) => Buffer | 'too long';

interface ZlibOptions {
  readonly finishFlush: number;
  readonly maxOutputLength: number;
  readonly params?: Record<number, number>;
}
type ZlibSync = (bytes: Buffer, options: ZlibOptions) => Buffer;

// The flush modes give what can be had of a beginning, where the default is an error.
const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
/** RFC 9659: a content encoding's window is 8 MiB at most. A frame could ask for 128 MiB. */
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

/** @param encoding its name in lower case, as in a `content-encoding` header */
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
      // By its code alone: in another realm, as under jest, it is no instance of Error.
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return 'too long';
      throw error;
    }
  };
}

/** Some servers send deflate without the zlib header that it should have, and which then does not fit. */
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

/** node:zlib has zstd from Node 22.15 on. */
function zstd(): [string, Decoder][] {
  const { zstdDecompressSync, constants } = zlib as unknown as ZstdZlib;
  if (zstdDecompressSync === undefined) return [];
  const params = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG };
  return [['zstd', bounded(zstdDecompressSync, constants.ZSTD_e_flush, params)]];
}
