import { once } from 'node:events';
import type { Writable } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Encoding } from './reply.js';

type Compressor = zlib.Gzip | zlib.Deflate | zlib.BrotliCompress;

/** Node has zstd since 22.15. The types of Node 20 do not have it. */
const maybeZstd: { constants: unknown; createZstdCompress?: () => Compressor } = zlib;

export const hasZstd = maybeZstd.createZstdCompress !== undefined;

function compressor(encoding: Encoding): Compressor {
  if (encoding === 'gzip') return zlib.createGzip();
  if (encoding === 'deflate') return zlib.createDeflate();
  if (encoding === 'br') return zlib.createBrotliCompress();
  if (maybeZstd.createZstdCompress === undefined) throw new Error(`no zstd in Node ${process.version}`);
  return maybeZstd.createZstdCompress();
}

export async function encode(body: Buffer, encoding: Encoding | undefined): Promise<Buffer> {
  if (encoding === undefined) return body;
  const stream = compressor(encoding).end(body);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export interface EncodedStream {
  write(text: string): Promise<void>;
  end(): Promise<void>;
}

/** Flushes after each write, like a compressing proxy does for an event stream. */
export function encodedStream(target: Writable, encoding: Encoding | undefined): EncodedStream {
  if (encoding === undefined) {
    return {
      write: async (text) => {
        if (target.write(text) || target.destroyed) return;
        const either = new AbortController();
        const { signal } = either;
        await Promise.race([once(target, 'drain', { signal }), once(target, 'close', { signal })]);
        // The listener of the event that did not fire would stay for as long as the connection is open.
        either.abort();
      },
      end: async () => void target.end(),
    };
  }
  const stream = compressor(encoding);
  stream.pipe(target);
  return {
    write: (text) =>
      new Promise((resolve) => {
        stream.write(text);
        stream.flush(() => resolve());
      }),
    end: async () => void stream.end(),
  };
}
