import { once } from 'node:events';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import type { Dispatcher } from 'undici';
import type { ChatDebugOptions } from '../../src/index.js';
import { COPIES, type Copy } from '../attempt/undici-copies.js';
import { readBody } from '../support/loopback.js';
import type { Route as Answers, ReceivedRequest } from '../support/provider.js';
import { startProxy, type TestProxy } from '../support/proxy.js';
import { type Recording, startRecording } from '../support/recording.js';
import { sendReply } from '../support/send-reply.js';
import { TEST_TLS } from '../support/tls.js';
import type { Route } from './clients.js';

/** What the users of a round share: the package at work, the provider over HTTP/1 and HTTP/2, a proxy, pools. */
export interface Stage {
  readonly recording: Recording;
  /** By the name of each copy of undici: one connection, two, the default ones, HTTP/2, a proxy. */
  readonly routes: readonly ReadonlyMap<string, Route>[];
  close(): Promise<void>;
}

export async function setStage(options: ChatDebugOptions, answers: Answers): Promise<Stage> {
  const [recording, secure, proxy] = await Promise.all([
    startRecording(options),
    startSecureProvider(answers),
    startProxy(),
  ]);
  recording.provider.route(answers);
  const routes = routesTo(recording.provider.url, secure.url, proxy);
  return {
    recording,
    routes,
    close: async () => {
      const dispatchers = routes.flatMap((all) => [...all.values()]).map(({ dispatcher }) => dispatcher);
      await Promise.all(dispatchers.map((one) => one?.close()));
      await recording.stop();
      await Promise.all([secure.close(), proxy.close()]);
    },
  };
}

function routesTo(url: string, secureUrl: string, proxy: TestProxy): ReadonlyMap<string, Route>[] {
  const to = (at: string, make: (copy: Copy) => Dispatcher | undefined) =>
    new Map(COPIES.map((copy) => [copy.name, { url: at, dispatcher: make(copy) }] as const));
  const connect = { rejectUnauthorized: false };
  return [
    to(url, ({ undici }) => new undici.Agent({ connections: 1 })),
    to(url, ({ undici }) => new undici.Agent({ connections: 2 })),
    to(url, () => undefined),
    to(secureUrl, ({ undici }) => new undici.Agent({ allowH2: true, connections: 2, connect })),
    to(url, ({ undici }) => new undici.ProxyAgent({ uri: proxy.url, connections: 2 })),
  ];
}

/** The same answers over HTTP/2. */
async function startSecureProvider(answers: Answers): Promise<{ url: string; close(): Promise<void> }> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer(TEST_TLS, async (incoming, response) => {
    const controller = new AbortController();
    response.on('error', () => {}).on('close', () => controller.abort());
    const { method, url: path, headers } = incoming;
    // The compatibility API of node:http2 has all that is used of these.
    const body = await readBody(incoming as never);
    const request: ReceivedRequest = { method, path, headers, body, aborted: controller.signal.aborted };
    const reply = await answers(request);
    if (reply === undefined || controller.signal.aborted) return;
    await sendReply(reply, response as never, {
      closed: controller.signal,
      cut: () => response.stream.close(),
    });
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session)).on('error', () => {});
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listening on no port');
  return {
    url: `https://127.0.0.1:${address.port}`,
    close: async () => {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
