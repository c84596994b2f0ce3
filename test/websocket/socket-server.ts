import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

export interface SocketServer {
  /** `ws://127.0.0.1:{port}`. */
  readonly url: string;
  /** Parsed messages of clients, in order. */
  readonly received: readonly Event[];
  readonly requests: readonly IncomingMessage[];
  /** Called with each message of a client. The returned messages are sent. */
  answer(script: Script): void;
  close(): Promise<void>;
}

export type Event = { readonly [name: string]: unknown };
export type Script = (event: Event, socket: WebSocket) => readonly (Event | Buffer | string)[] | undefined;

/**
 * A scripted WebSocket server on loopback.
 *
 * @param tls key and certificate, for `wss:`
 */
export async function startSocketServer(
  options: ServerOptions = {},
  tls?: TlsOptions,
): Promise<SocketServer> {
  const received: Event[] = [];
  const requests: IncomingMessage[] = [];
  let script: Script = () => undefined;
  const listener = tls === undefined ? createServer(notFound) : createTlsServer(tls);
  const server = new WebSocketServer({ ...options, server: listener });
  server.on('connection', (client, request) => {
    requests.push(request);
    client.on('error', () => {});
    client.on('message', (data) => {
      const event: Event = JSON.parse(String(data));
      received.push(event);
      for (const message of script(event, client) ?? []) send(client, message);
    });
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    received,
    requests,
    answer: (next) => {
      script = next;
    },
    close: async () => {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** A request that is not for a WebSocket. */
const notFound: RequestListener = (_, response) => response.writeHead(404).end();

function send(client: WebSocket, message: Event | Buffer | string): void {
  client.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
}

/** Resolves with the texts of all messages up to one that `isLast` accepts. */
export async function messagesUntil(
  socket: EventTarget,
  isLast: (event: Event) => boolean,
): Promise<Event[]> {
  const events: Event[] = [];
  return new Promise((resolve) => {
    socket.addEventListener('message', (message) => {
      const event: Event = JSON.parse(String((message as MessageEvent).data));
      events.push(event);
      if (isLast(event)) resolve(events);
    });
  });
}
