import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { connect } from 'node:net';

export interface LoopbackServer {
  readonly url: string;
  /** Destroys open connections. May be called twice. */
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. An unclosed server does not keep its process alive. */
export async function listenOnLoopback(listener: RequestListener): Promise<LoopbackServer> {
  // Longer than any test: Node's 5 seconds would close a kept connection under a client about to use it.
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

export interface RefusingPort {
  readonly port: number;
  readonly url: string;
  /** Frees the port. An unreleased port does not keep its process alive. */
  release(): Promise<void>;
}

/**
 * A port of 127.0.0.1 that refuses connections. It is the own port of an open connection, so no other program gets
 * it. The port of a closed server is free: any program may listen there a moment later.
 */
export async function startRefusingPort(): Promise<RefusingPort> {
  const target = await listenOnLoopback(() => {});
  const { hostname: host, port } = new URL(target.url);
  // A socket that is bound before it connects: a later connection never gets its port and connects to itself.
  const holder = connect({ host, port: Number(port), localAddress: host });
  await once(holder.unref(), 'connect');
  return {
    port: holder.localPort ?? 0,
    url: `http://${host}:${holder.localPort}`,
    release: () => {
      holder.destroy();
      return target.close();
    },
  };
}

/** The received body, incomplete if the client disconnects. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    // The client has disconnected, which `close` on the response reports.
  }
  return Buffer.concat(chunks);
}
