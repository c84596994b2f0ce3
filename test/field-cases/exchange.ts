import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

/** A request and the bytes of its response. */
export interface FieldExchange {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly chunks: readonly (string | Buffer | { readonly text: string; readonly times: number })[];
    readonly gapMs?: number;
    /** `cut`: the connection closes before the end of the body. */
    readonly end: 'clean' | 'cut';
  };
}

/** How the bytes of a body are cut into chunks. */
export type Cut = 'whole' | 'bytes' | { readonly random: number };

export interface FieldServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers each request with the bytes of one response. Each piece is an HTTP chunk, which the client reads as one. */
export async function serve({ response }: FieldExchange, cut: Cut): Promise<FieldServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    let received = '';
    socket.on('data', (data) => {
      received += data.toString('latin1');
      if (!isWhole(received)) return;
      received = '';
      answer(socket, response, cut);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listening on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export type FieldClient = 'fetch' | 'node:http';

/** Sends the request by plain `fetch` or `node:http` and reads the response. Ignores errors. */
export async function exchange({ request }: FieldExchange, url: string, client: FieldClient): Promise<void> {
  const { method, path, headers } = request;
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  try {
    if (client === 'fetch') {
      const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) });
      await response.arrayBuffer();
    } else {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const sent = httpRequest(url + path, { method, headers: { ...headers, ...length } }).end(body);
      const [response] = await once(sent, 'response');
      await buffer(response);
    }
  } catch {
    // Only the recording is compared.
  }
}

/** The decoded body that the server sends. */
export function bodyOf({ response }: FieldExchange): Buffer {
  const pieces = response.chunks.map((chunk) => {
    if (Buffer.isBuffer(chunk)) return chunk;
    return Buffer.from(typeof chunk === 'string' ? chunk : chunk.text.repeat(chunk.times));
  });
  return Buffer.concat(pieces);
}

function isWhole(received: string): boolean {
  const end = received.indexOf('\r\n\r\n');
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? 0);
  return end >= 0 && received.length >= end + 4 + length;
}

function answer(socket: Socket, response: FieldExchange['response'], cut: Cut): void {
  const { status, headers, end } = response;
  const isEncoded = headers['content-encoding'] === 'gzip';
  const text = bodyOf({ response } as FieldExchange);
  const body = isEncoded ? gzipSync(text) : text;
  const isChunked = headers['content-length'] === undefined;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} X\r\n${lines.join('')}${isChunked ? 'transfer-encoding: chunked\r\n' : ''}\r\n`;
  const pieces = isChunked ? cutInto(body, cut).flatMap(asChunk) : [body];
  const last = isChunked && end === 'clean' ? [Buffer.from('0\r\n\r\n')] : [];
  socket.write(Buffer.concat([Buffer.from(head, 'latin1'), ...pieces, ...last]));
  if (end === 'cut') socket.end();
}

/** Bytes at both ends of a body that are cut into small pieces: they determine the outcome. */
const EDGE = 16_384;

function cutInto(body: Buffer, cut: Cut): Buffer[] {
  if (cut === 'whole') return [body];
  const pieces: Buffer[] = [];
  const lastEdge = body.length - EDGE;
  let state = cut === 'bytes' ? 0 : cut.random;
  for (let at = 0; at < body.length; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const isInside = at >= EDGE && at < lastEdge;
    const most = isInside ? Math.min(EDGE, lastEdge - at) : 97;
    const size = cut === 'bytes' ? 1 : 1 + (state % most);
    pieces.push(body.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

function asChunk(piece: Buffer): Buffer[] {
  if (piece.length === 0) return [];
  return [Buffer.from(`${piece.length.toString(16)}\r\n`, 'latin1'), piece, Buffer.from('\r\n')];
}
