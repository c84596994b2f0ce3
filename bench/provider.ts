import { createServer, type Socket } from 'node:net';
import { jsonExchange, streamExchange } from './exchanges.js';

export interface Provider {
  readonly url: string;
  /** Requests that came since the last look. */
  takeRequests(): number;
}

/**
 * Speaks just enough HTTP to answer from bytes made beforehand, so that the measured process never waits for
 * it: `/json/…` and `/stream/CHUNKS/…`.
 */
export async function startProvider(): Promise<Provider> {
  const json = jsonExchange().bytes;
  const streams = new Map<number, readonly Buffer[]>();
  let requests = 0;
  const answer = async (path: string, socket: Socket): Promise<void> => {
    const [, kind, chunks] = path.split('/');
    requests += 1;
    if (kind === 'json') return void socket.write(json);
    const count = Number(chunks);
    const pieces = streams.get(count) ?? streamExchange(count);
    streams.set(count, pieces);
    await send(pieces, socket);
  };
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket, (path) => void answer(path, socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    takeRequests: () => {
      const taken = requests;
      requests = 0;
      return taken;
    },
  };
}

/** A client sends its next request only after the answer, so a connection holds one at a time. */
function serve(socket: Socket, onRequest: (path: string) => void): void {
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = Number(/content-length: *(\d+)/i.exec(received.slice(0, headEnd))?.[1] ?? 0);
    if (received.length < headEnd + 4 + length) return;
    const path = received.split(' ', 2)[1] ?? '';
    received = '';
    onRequest(path);
  });
}

const CHUNKS_PER_WRITE = 1_000;

async function send(pieces: readonly Buffer[], socket: Socket): Promise<void> {
  for (let i = 0; i < pieces.length && !socket.destroyed; i += CHUNKS_PER_WRITE) {
    const room = socket.write(Buffer.concat(pieces.slice(i, i + CHUNKS_PER_WRITE)));
    if (!room) await new Promise((resolve) => socket.once('drain', resolve));
  }
}
