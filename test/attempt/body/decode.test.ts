import zlib from 'node:zlib';
import { decodeBody } from '../../../src/attempt/body/text.js';
import fc from '../../support/property.js';

type Encode = (bytes: Uint8Array) => Buffer;

const { zstdCompressSync } = zlib as typeof zlib & { zstdCompressSync?: Encode };
/** The best compression, the default of Brotli, takes ten times as long. */
const FAST = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } };
const ENCODERS: Record<string, Encode> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  'x-gzip': (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  'deflate, without its header': (bytes) => zlib.deflateRawSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes, FAST),
  ...(zstdCompressSync && { zstd: (bytes: Uint8Array) => zstdCompressSync(bytes) }),
};
const encodings = Object.entries(ENCODERS).map(
  ([name, encode]) => [name.split(',', 1)[0] ?? '', encode] as const,
);

function decode(bytes: Buffer, contentEncoding: string | undefined, limitBytes: number, truncated = false) {
  const decoded = decodeBody({ bytes, truncated, contentEncoding, limitBytes });
  if ('undecodable' in decoded) throw new Error(decoded.undecodable);
  return decoded;
}

/** Text that compresses like prose, in random order. */
function words(count: number): Buffer {
  let random = 1;
  const word = () => {
    random = (random * 48_271) % 2_147_483_647;
    return `word${random % 5_000}`;
  };
  return Buffer.from(Array.from({ length: count }, word).join(' '));
}

/** Random and repetitive bytes, which compress badly and well. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 4_000 }),
  fc
    .tuple(fc.uint8Array({ maxLength: 20 }), fc.nat(2_000))
    .map(([part, times]) => Uint8Array.from(Buffer.concat(Array.from({ length: times }, () => part)))),
);

describe.each(encodings)('%s', (name, encode) => {
  test('decodes the encoded bytes, up to the limit', () => {
    fc.assert(
      fc.property(content, fc.nat(10_000), (original, limit) => {
        const { bytes, truncated } = decode(encode(original), name, limit);
        expect(bytes.equals(original.subarray(0, limit))).toBe(true);
        expect(truncated).toBe(original.length > limit);
      }),
    );
  });

  test('decodes the beginning of a body as far as possible', () => {
    fc.assert(
      fc.property(content, fc.nat(), (original, at) => {
        const encoded = encode(original);
        const { bytes, truncated } = decode(encoded.subarray(0, at % encoded.length), name, 50_000, true);
        expect(Buffer.from(original).indexOf(bytes)).toBe(0);
        expect(truncated).toBe(true);
      }),
    );
  });

  test('decodes most of the beginning of real text', () => {
    const text = words(120_000);
    const encoded = encode(text);
    const { bytes } = decode(encoded.subarray(0, encoded.length / 2), name, text.length, true);
    expect(bytes.length).toBeGreaterThan(text.length / 4);
    expect(text.indexOf(bytes)).toBe(0);
  });

  test('more than the limit is cut at the limit, in the middle of a block', () => {
    const text = words(25_000);
    expect(decode(encode(text), name, 50_000).bytes.equals(text.subarray(0, 50_000))).toBe(true);
  });

  test('a decompression bomb costs a few times the limit', () => {
    const bomb = encode(Buffer.alloc(100_000_000, 'a'));
    // Concurrent work allocates as well: the lowest round counts.
    const grown = Array.from({ length: 4 }, () => {
      const before = process.memoryUsage.rss();
      const { bytes, truncated } = decode(bomb, name, 50_000);
      expect(bytes.length).toBeLessThanOrEqual(50_000);
      expect(truncated).toBe(true);
      return process.memoryUsage.rss() - before;
    });
    expect(Math.min(...grown)).toBeLessThan(32_000_000);
  });

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (random) => {
        decodeBody({
          bytes: Buffer.from(random),
          truncated: false,
          contentEncoding: name,
          limitBytes: 1_000,
        });
      }),
    );
  });
});

test('several encodings are decoded from the last to the first', () => {
  const body = zlib.brotliCompressSync(zlib.gzipSync('hello'));
  expect(decode(body, 'gzip, identity, BR', 100).bytes.toString()).toBe('hello');
});

test('a decompression bomb inside another', () => {
  const body = zlib.gzipSync(zlib.gzipSync(zlib.gzipSync(Buffer.alloc(100_000_000))));
  expect(decode(body, 'gzip, gzip, gzip', 50_000)).toMatchObject({ truncated: true });
});

test.each([undefined, '', 'identity', ' Identity , '])('without an encoding: %p', (contentEncoding) => {
  expect(decode(Buffer.from('hello'), contentEncoding, 100)).toEqual({
    bytes: Buffer.from('hello'),
    truncated: false,
  });
  expect(decode(Buffer.from('hello'), contentEncoding, 2)).toEqual({
    bytes: Buffer.from('he'),
    truncated: true,
  });
});

test.each([
  ['aws-chunked', 'content-encoding aws-chunked is not known'],
  ['__proto__', 'content-encoding __proto__ is not known'],
  ['gzip', 'content-encoding gzip could not be decoded'],
  ['br', 'content-encoding br could not be decoded'],
  ['deflate', 'content-encoding deflate could not be decoded'],
  ['gzip,gzip,gzip,gzip,gzip', 'more than 4 content-encodings'],
])('%s of other data has a reason', (contentEncoding, undecodable) => {
  const bytes = Buffer.from('{"a": "not compressed"}');
  expect(decodeBody({ bytes, truncated: false, contentEncoding, limitBytes: 100 })).toEqual({ undecodable });
});

test('an empty body with an encoding is empty', () => {
  expect(decode(Buffer.alloc(0), 'gzip', 100)).toEqual({ bytes: Buffer.alloc(0), truncated: false });
});

test('invalid zstd data and a Node.js without zstd each have a reason', () => {
  const zstd = { bytes: Buffer.from('x'), truncated: false, contentEncoding: 'zstd', limitBytes: 100 };
  expect(decodeBody(zstd)).toEqual({
    undecodable: zstdCompressSync
      ? 'content-encoding zstd could not be decoded'
      : 'content-encoding zstd needs Node 22.15 or later',
  });
});
