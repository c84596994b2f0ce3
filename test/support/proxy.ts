import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface TestProxy {
  readonly url: string;
  /** The first line of each connection. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/**
 * A proxy that opens tunnels and forwards absolute URLs unchanged. It uses sockets only: a request of this process
 * would be recorded.
 */
export async function startProxy(): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  const keep = (socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
    return socket;
  };
  const server = createServer((socket) => {
    keep(socket).once('data', (head) => {
      const [line = ''] = head.toString('latin1').split('\r\n');
      asked.push(line);
      const [method, target = ''] = line.split(' ');
      const { hostname, port } = new URL(method === 'CONNECT' ? `http://${target}` : target);
      const onward = keep(connect(Number(port), hostname));
      if (method === 'CONNECT') socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      else onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listening on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
