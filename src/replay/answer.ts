import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { type CaseChunk, type CaseResponse, chunkBytes } from '../case/format.js';

/** The speed of pauses: 2 for twice as fast, `Infinity` for none. */
export interface Pace {
  readonly speed: number;
}

/**
 * Sends the response of a case: status, headers, a write per chunk, pauses and the end. Resolves when everything is sent;
 * with `hang` the connection stays open.
 */
export async function sendResponse(
  recorded: CaseResponse,
  request: IncomingMessage,
  response: ServerResponse,
  { speed }: Pace,
): Promise<void> {
  const closed = new AbortController();
  response.on('close', () => closed.abort()).on('error', () => {});
  const pause = async (millis = 0): Promise<void> => {
    if (millis > 0 && Number.isFinite(speed))
      await sleep(millis / speed, undefined, { signal: closed.signal }).catch(() => {});
  };
  const { status, chunks = [], end } = recorded;
  if (status !== undefined) {
    await pause(recorded.afterMs);
    if (closed.signal.aborted) return;
    const encoder = encoderOf(recorded);
    const pieces =
      encoder === undefined ? chunks.map(chunkBytes) : await encode(chunks, encoder, end === 'clean');
    writeHead(response, recorded, pieces);
    for (const [index, piece] of pieces.entries()) {
      await pause(pauseBefore(chunks[index], index, recorded.gapMs));
      if (closed.signal.aborted) return;
      if (piece.length > 0 && request.method !== 'HEAD') await write(response, piece);
    }
  }
  if (end === 'hang') return;
  await pause(recorded.endAfterMs);
  if (end === 'clean') response.end();
  else if (end === 'cut') request.socket.destroy();
  else {
    // Node.js 20 treats a reset that arrives together with bytes as the end of the connection.
    if (chunks.length > 0) await sleep(RESET_AFTER_MILLIS);
    request.socket.resetAndDestroy();
  }
}

const RESET_AFTER_MILLIS = 50;

function pauseBefore(
  chunk: CaseChunk | undefined,
  index: number,
  gapMs: number | undefined,
): number | undefined {
  const own = typeof chunk === 'object' ? chunk.afterMs : undefined;
  return own ?? (index === 0 ? undefined : gapMs);
}

/** Adds to the recorded headers only what HTTP requires for the body. */
function writeHead(
  response: ServerResponse,
  { status = 200, headers = {}, end }: CaseResponse,
  pieces: readonly Buffer[],
): void {
  response.sendDate = false;
  for (const [name, value] of Object.entries(headers))
    response.setHeader(name, isLocation(name) ? onLoopback(String(value)) : headerBytes(value));
  if (response.hasHeader('content-length') && end === 'clean')
    response.setHeader(
      'content-length',
      pieces.reduce((sum, { length }) => sum + length, 0),
    );
  response.writeHead(status);
  // Sends the headers as Latin-1. `flushHeaders` alone would send them as UTF-8.
  response.write(Buffer.alloc(0));
  response.flushHeaders();
}

/** Headers are recorded as UTF-8, and Node.js sends strings as Latin-1. */
export function headerBytes(value: string | readonly string[]): string | string[] {
  const bytes = (text: string) => Buffer.from(text).toString('latin1');
  return typeof value === 'string' ? bytes(value) : value.map(bytes);
}

function isLocation(name: string): boolean {
  return /^(?:content-)?location$/i.test(name);
}

/** A redirect must not lead to the recorded host. */
function onLoopback(location: string): string {
  if (!URL.canParse(location)) return location;
  const { pathname, search } = new URL(location);
  return pathname + search;
}

function write(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve) => response.write(piece, () => resolve()));
}

type Encoder = zlib.Gzip | zlib.Deflate | zlib.BrotliCompress;

function encoderOf({ headers = {} }: CaseResponse): Encoder | undefined {
  const encoding = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-encoding')?.[1];
  switch (String(encoding ?? '').toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGzip();
    case 'deflate':
      return zlib.createDeflate();
    case 'br':
      return zlib.createBrotliCompress();
    case 'zstd':
      // From Node.js 22.15 on.
      return (zlib as unknown as { createZstdCompress?: () => Encoder }).createZstdCompress?.();
    default:
      return undefined;
  }
}

/** The bytes of each chunk, compressed as one stream with a flush after each chunk. */
async function encode(
  chunks: readonly CaseChunk[],
  encoder: Encoder,
  isComplete: boolean,
): Promise<readonly Buffer[]> {
  let pending: Buffer[] = [];
  encoder.on('data', (data: Buffer) => pending.push(data));
  const flush = promisify((done: (error?: Error | null) => void) => encoder.flush(done));
  const pieces: Buffer[] = [];
  const take = () => {
    pieces.push(Buffer.concat(pending));
    pending = [];
  };
  for (const chunk of chunks) {
    encoder.write(chunkBytes(chunk));
    await flush();
    take();
  }
  if (!isComplete) return pieces;
  await new Promise((resolve) => encoder.on('end', resolve).end());
  take();
  return pieces;
}
