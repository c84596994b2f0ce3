import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type Duplex, PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as undici from 'undici';

export interface Call {
  readonly method?: 'GET' | 'POST' | 'HEAD';
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export interface Client {
  readonly name: string;
  send(url: string, call: Call): Promise<Answer>;
}

export interface Clients {
  readonly all: readonly Client[];
  close(): Promise<void>;
}

/** Node's own `fetch` accepts the dispatcher of npm's undici, but its types do not. */
type FetchOptions = Call & { readonly dispatcher?: undici.Dispatcher };
const nodeFetch: (url: string, options: FetchOptions) => Promise<Response> = (url, options) =>
  Reflect.apply(fetch, globalThis, [url, options]);

const whole = async (response: { status: number; arrayBuffer(): Promise<ArrayBuffer> }): Promise<Answer> => ({
  status: response.status,
  body: Buffer.from(await response.arrayBuffer()),
});

const byNode =
  (dispatcher?: () => undici.Dispatcher): Client['send'] =>
  async (url, call) =>
    whole(await nodeFetch(url, dispatcher === undefined ? call : { ...call, dispatcher: dispatcher() }));

const byFetch =
  (dispatcher?: () => undici.Dispatcher): Client['send'] =>
  async (url, call) =>
    whole(await undici.fetch(url, dispatcher === undefined ? call : { ...call, dispatcher: dispatcher() }));

const byRequest =
  (dispatcher?: () => undici.Dispatcher): Client['send'] =>
  async (url, call) => {
    const options = dispatcher === undefined ? call : { ...call, dispatcher: dispatcher() };
    const { statusCode, body } = await undici.request(url, options);
    return { status: statusCode, body: Buffer.from(await body.arrayBuffer()) };
  };

const byStream: Client['send'] = async (url, { method = 'GET', ...call }) => {
  const answer = { status: 0, body: new PassThrough() };
  const read = buffer(answer.body);
  await undici.stream(url, { method, ...call }, ({ statusCode }) => {
    answer.status = statusCode;
    return answer.body;
  });
  return { status: answer.status, body: await read };
};

const byPipeline: Client['send'] = async (url, { method = 'GET', body, ...call }) => {
  let status = 0;
  const pipeline = undici.pipeline(url, { method, ...call }, ({ statusCode, body: read }) => {
    status = statusCode;
    return read;
  });
  const read = await buffer(pipeline.end(body));
  return { status, body: read };
};

/** All ways to make a request. `origin` is where Client and Pool connect. */
export async function startClients(origin: string): Promise<Clients> {
  const proxy = await startProxy();
  const dispatchers = {
    client: new undici.Client(origin),
    pool: new undici.Pool(origin),
    agent: new undici.Agent(),
    tunnel: new undici.ProxyAgent({ uri: proxy.url }),
    forward: new undici.ProxyAgent({ uri: proxy.url, proxyTunnel: false }),
  };
  const all: Client[] = [
    { name: "Node's fetch", send: byNode() },
    { name: "Node's fetch on npm's Agent", send: byNode(() => dispatchers.agent) },
    { name: "Node's fetch on npm's ProxyAgent, CONNECT", send: byNode(() => dispatchers.tunnel) },
    { name: "Node's fetch on npm's ProxyAgent, forward", send: byNode(() => dispatchers.forward) },
    { name: 'fetch', send: byFetch() },
    { name: 'fetch on an Agent', send: byFetch(() => dispatchers.agent) },
    { name: 'fetch on a ProxyAgent, CONNECT', send: byFetch(() => dispatchers.tunnel) },
    { name: 'fetch on a ProxyAgent, forward', send: byFetch(() => dispatchers.forward) },
    { name: 'request', send: byRequest() },
    { name: 'request on a Client', send: byRequest(() => dispatchers.client) },
    { name: 'request on a Pool', send: byRequest(() => dispatchers.pool) },
    { name: 'request on a ProxyAgent, CONNECT', send: byRequest(() => dispatchers.tunnel) },
    { name: 'stream', send: byStream },
    { name: 'pipeline', send: byPipeline },
  ];
  return {
    all,
    close: async () => {
      await Promise.all(Object.values(dispatchers).map((dispatcher) => dispatcher.destroy()));
      await proxy.close();
    },
  };
}

/** A proxy that tunnels CONNECT and forwards absolute URLs. */
async function startProxy() {
  const sockets = new Set<Duplex>();
  const server = createServer((incoming, outgoing) => {
    const { url = '', method, headers } = incoming;
    const onward = httpRequest(url, { method, headers }, (answer: IncomingMessage) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  server.on('connect', ({ url = '' }, socket: Duplex) => {
    const [host, port] = url.split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on('error', () => {});
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
}
