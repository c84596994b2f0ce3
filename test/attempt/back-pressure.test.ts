import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import * as undici from 'undici';
import { startChatDebug, withRun, withStep } from '../../src/index.js';

const CHUNK = Buffer.alloc(65_536, 'x');
/** More than the buffers of any socket. */
const CHUNKS = 400;

/** A server that writes as fast as possible and counts. `/ping` responds at once. */
async function startFlood() {
  let written = 0;
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let i = 0; i < CHUNKS; i++) {
      written += CHUNK.length;
      yield CHUNK;
    }
  }
  const server = createServer((request, response) => {
    if (request.url === '/ping') response.end();
    else pipeline(Readable.from(chunks(), { objectMode: false }), response, () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    written: () => written,
    close: () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections()),
  };
}

type Open = (
  url: string,
  look: (message: { readonly socket: Socket }) => void,
) => Promise<AsyncIterable<Uint8Array> | null>;
const CLIENTS: [string, Open][] = [
  ["Node's fetch", async (url) => (await fetch(url)).body as unknown as AsyncIterable<Uint8Array>],
  ['npm fetch', async (url) => (await undici.fetch(url)).body],
  ['npm request', async (url) => (await undici.request(url)).body],
  [
    'node:http',
    async (url, look) => {
      const sent = httpRequest(url, { agent: false }).on('socket', (socket) => look({ socket }));
      const [answer] = await once(sent.end(), 'response');
      return answer;
    },
  ],
];

/** The bytes that the client has read and the server has written, once both are stable. */
async function takenBySlowReader(open: Open): Promise<{ taken: number; written: number; wholeSize: number }> {
  const flood = await startFlood();
  const sockets: Socket[] = [];
  const connected = channel('undici:client:connected');
  const look = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
  connected.subscribe(look);
  try {
    const body = await open(flood.url, look);
    connected.unsubscribe(look);
    const reader = body?.[Symbol.asyncIterator]();
    let size = (await reader?.next())?.value?.length ?? 0;
    const [socket] = sockets;
    let [before, still] = [-1, 0];
    // An exchange with the same server takes longer than a chunk in transit.
    while (still < 20) {
      await undici.request(`${flood.url}/ping`).then((answer) => answer.body.dump());
      const now = (socket?.bytesRead ?? 0) + flood.written();
      still = now === before ? still + 1 : 0;
      before = now;
    }
    const [taken, written] = [socket?.bytesRead ?? 0, flood.written()];
    for (let next = await reader?.next(); next?.done === false; next = await reader?.next())
      size += next.value.length;
    return { taken, written, wholeSize: size };
  } finally {
    connected.unsubscribe(look);
    await flood.close();
  }
}

test.each(CLIENTS)('%s: a slow reader slows down the server as without the recorder', async (_, open) => {
  const bare = await takenBySlowReader(open);
  const handle = startChatDebug({
    capture: 'full',
    exporter: { export: (_, done) => done({ code: 0 }), shutdown: async () => {} },
  });
  const recorded = await withRun({}, () => withStep({ operation: 'stream' }, () => takenBySlowReader(open)));
  await handle.shutdown();
  expect(bare.wholeSize).toBe(CHUNKS * CHUNK.length);
  expect(recorded.wholeSize).toBe(bare.wholeSize);
  expect(bare.taken).toBeGreaterThan(0);
  expect(bare.written).toBeLessThan(bare.wholeSize / 2);
  expect(Math.abs(recorded.taken - bare.taken)).toBeLessThanOrEqual(2 * CHUNK.length);
  expect(recorded.written).toBeLessThan(bare.wholeSize / 2);
});
