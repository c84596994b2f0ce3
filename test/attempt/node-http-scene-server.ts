import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readBody } from '../support/loopback.js';

export interface SceneServer {
  readonly url: string;
  /** Resolves when the last response has been written. */
  answered(): Promise<void>;
  close(): Promise<void>;
}

/** Responds as the query of a request says, with these bodies. */
export async function startSceneServer(answer: string, events: readonly string[]): Promise<SceneServer> {
  let last: ServerResponse | undefined;
  const server = createServer({ keepAliveTimeout: 60_000 }, async (incoming, response) => {
    last = response;
    response.on('error', () => {}).sendDate = false;
    await readBody(incoming);
    await play(incoming.url?.split('?')[1] ?? '', response);
  });
  const play = async (what: string, response: ServerResponse): Promise<void> => {
    const json = { 'content-type': 'application/json' };
    const stream = { 'content-type': 'text/event-stream' };
    if (what === 'whole') response.writeHead(200, json).end(answer);
    else if (what === 'hints') {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.writeHead(200, json).end(answer);
    } else if (what === 'trailers') {
      response.writeHead(200, { ...json, trailer: 'x-after' }).write(answer);
      response.addTrailers({ 'x-after': 'yes' });
      response.end();
    } else if (what === 'empty') response.writeHead(204).end();
    else if (what === 'stream') {
      response.writeHead(200, stream).socket?.setNoDelay(true);
      for (const event of events) await new Promise((resolve) => response.write(event, resolve));
      response.end();
    } else if (what === 'reset') {
      response.writeHead(200, stream).write(events[0], () => response.socket?.resetAndDestroy());
    } else if (what === 'endless') {
      response.writeHead(200, stream);
      while (!response.destroyed) {
        response.write(events[1]);
        await sleep(2, undefined, { ref: false });
      }
    }
  };
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answered: async () => {
      if (last?.writableFinished === false) await once(last, 'finish');
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
