import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { compressedExchange, errorExchange, jsonExchange, streamExchange } from './exchanges.js';
import { startReceiver } from './receiver.js';

/** A request to the servers: their URLs, the data since the last request, or the load of another server. */
type ServersQuestion =
  | { readonly ask: 'urls' }
  | { readonly ask: 'take'; readonly spans: number }
  | { readonly ask: 'load'; readonly url: string; readonly millis: number };

export interface ServersUrls {
  readonly provider: string;
  readonly receiver: string;
}

export interface ServersTaken {
  readonly requests: number;
  readonly spans: number;
  readonly bytes: number;
}

/** The number of parallel requests to a server under load, and the pause of each client. */
const CLIENTS = 8;
const PAUSE_MILLIS = 10;

async function load(url: string, millis: number): Promise<void> {
  const end = performance.now() + millis;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      await (await fetch(url)).arrayBuffer();
      await sleep(PAUSE_MILLIS);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

/** In a separate process, so that their cost is not counted. */
async function main(): Promise<void> {
  const [provider, receiver] = await Promise.all([startProvider(), startReceiver()]);
  const answer = async (question: ServersQuestion): Promise<ServersUrls | ServersTaken | null> => {
    if (question.ask === 'urls') return { provider: provider.url, receiver: receiver.url };
    if (question.ask === 'take') {
      const received = await receiver.take(question.spans);
      return { requests: provider.takeRequests(), ...received };
    }
    await load(question.url, question.millis);
    return null;
  };
  process.on('message', async (question: ServersQuestion) => {
    process.send?.({ answer: await answer(question) });
  });
  process.on('disconnect', () => process.exit());
}

void main();

interface Provider {
  readonly url: string;
  /** Requests since the last report. */
  takeRequests(): number;
}

/**
 * Speaks just enough HTTP to answer from bytes made beforehand, so that the measured process never waits for
 * it: `/json/…`, `/json-gzip/…`, `/error/…`, `/error-inside/…`, `/stream/CHUNKS/…`, and `/held/CHUNKS/…`, a stream that stops after so many.
 */
async function startProvider(): Promise<Provider> {
  const json = jsonExchange().bytes;
  const compressed = compressedExchange();
  const error = errorExchange('500 Internal Server Error');
  const errorInside = errorExchange('200 OK');
  const streams = new Map<number, readonly Buffer[]>();
  let requests = 0;
  const answer = async (path: string, socket: Socket): Promise<void> => {
    const [, kind, chunks] = path.split('/');
    requests += 1;
    if (kind === 'json') return void socket.write(json);
    if (kind === 'json-gzip') return void socket.write(compressed);
    if (kind === 'error') return void socket.write(error);
    if (kind === 'error-inside') return void socket.write(errorInside);
    const count = Number(chunks);
    if (kind === 'held') return sendOneByOne(streamExchange(count + 1).slice(0, count + 1), socket);
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

/** A client sends its next request only after the response, so a connection has one at a time. */
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

/** Each chunk arrives as one read. */
async function sendOneByOne(pieces: readonly Buffer[], socket: Socket): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    socket.write(piece);
    await sleep(CHUNK_MILLIS);
  }
}

const CHUNK_MILLIS = 2;
const CHUNKS_PER_WRITE = 1_000;

async function send(pieces: readonly Buffer[], socket: Socket): Promise<void> {
  for (let i = 0; i < pieces.length && !socket.destroyed; i += CHUNKS_PER_WRITE) {
    const room = socket.write(Buffer.concat(pieces.slice(i, i + CHUNKS_PER_WRITE)));
    if (!room) await new Promise((resolve) => socket.once('drain', resolve));
  }
}
