import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Script } from './scripts.js';

/** What a server saw of one exchange. */
export interface Arrived {
  readonly headers: readonly string[];
  readonly body: Buffer;
}

export interface ScriptServer {
  readonly url: string;
  /** Plays this script for the next request. Resolves when the whole request has arrived. */
  play(script: Script): Promise<Arrived>;
  close(): Promise<void>;
}

const ENCODE = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

/** The body on the wire, or none if the status allows none. */
export function encodedBody({ body, encoding, status }: Script): Buffer {
  if (status === 204 || status === 304) return Buffer.alloc(0);
  return encoding === undefined ? Buffer.from(body) : ENCODE[encoding](body);
}

export async function startScriptServer(): Promise<ScriptServer> {
  let next: { script: Script; arrived: (arrived: Arrived) => void } | undefined;
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const playing = next;
    next = undefined;
    if (playing === undefined) throw new Error('no script for this request');
    response.on('error', () => {});
    const body = await bodyOf(request);
    playing.arrived({ headers: request.rawHeaders, body });
    await answer(playing.script, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    play: (script) =>
      new Promise((resolve) => {
        next = { script, arrived: resolve };
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function answer(script: Script, response: ServerResponse): Promise<void> {
  const { status, framing, ending } = script;
  if (ending.by === 'abort' && ending.when === 'before-headers') return;
  const body = encodedBody(script);
  const hasBody = status !== 204 && status !== 304;
  response.sendDate = false;
  if (framing === 'close') {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
  }
  const headers = script.headers.flat();
  if (script.contentType !== undefined) headers.push('content-type', script.contentType);
  if (script.encoding !== undefined && hasBody) headers.push('content-encoding', script.encoding);
  if (framing === 'length' && hasBody) headers.push('content-length', String(body.length));
  response.writeHead(status, headers);
  response.flushHeaders();
  response.socket?.setNoDelay(true);
  const whole = ending.by === 'end';
  // The last byte of an incomplete response is not sent.
  for (const piece of cut(whole ? body : body.subarray(0, -1), script.cuts)) {
    if (response.destroyed) return;
    response.write(piece);
  }
  if (whole) response.end();
  else if (ending.by === 'cut') response.write('', () => setImmediate(() => response.socket?.destroy()));
}

function cut(body: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...cuts.map((part) => Math.floor((part * body.length) / 1_000)), 0, body.length];
  places.sort((a, b) => a - b);
  return places.flatMap((end, index) => {
    const begin = places[index - 1] ?? end;
    return end > begin ? [body.subarray(begin, end)] : [];
  });
}
