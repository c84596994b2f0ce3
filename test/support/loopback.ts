import { createServer, type IncomingMessage, type RequestListener } from 'node:http';

export interface LoopbackServer {
  readonly url: string;
  /** Destroys what is open. May be called twice. */
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. A server that nobody closes does not keep its process alive. */
export async function listenOnLoopback(listener: RequestListener): Promise<LoopbackServer> {
  // Longer than any test: Node's 5 seconds close kept connections under a client about to use them.
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  server.unref().on('connection', (socket) => socket.unref());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listening on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What came of the body; a client that goes away in the middle leaves it short. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    // The client went away: `close` on the response tells.
  }
  return Buffer.concat(chunks);
}
