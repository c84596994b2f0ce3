import { WebSocket as WsWebSocket } from 'ws';
import { COPIES } from '../attempt/undici-copies.js';

/** The common members of the clients and the `WebSocket` of browsers. */
export type ClientSocket = EventTarget & Pick<WebSocket, 'send' | 'close' | 'readyState' | 'binaryType'>;

export interface SocketClient {
  readonly name: string;
  connect(url: string): ClientSocket;
}

const globals = globalThis as { WebSocket?: new (url: string) => ClientSocket };
const { WebSocket: own } = globals;

/** Node.js has a global `WebSocket` from version 22 on. */
export const CLIENTS: readonly SocketClient[] = [
  { name: 'ws', connect: (url) => new WsWebSocket(url) as unknown as ClientSocket },
  ...(own === undefined ? [] : [{ name: "Node's own WebSocket", connect: (url: string) => new own(url) }]),
  ...COPIES.map(({ name, undici }) => ({
    name,
    connect: (url: string) => new undici.WebSocket(url) as ClientSocket,
  })),
];
