import { once } from 'node:events';
import { createServer } from 'node:net';
import { listenOnLoopback, startRefusingPort } from './loopback.js';

test('a refusing port refuses connections and is given to no server until it is released', async () => {
  const { port, url, release } = await startRefusingPort();
  const servers = await Promise.all(Array.from({ length: 200 }, () => listenOnLoopback(() => {})));
  expect(servers.map((server) => server.url)).not.toContain(url);
  await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await Promise.all(servers.map((server) => server.close()));
  await release();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
});
