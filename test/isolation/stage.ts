import type { Dispatcher } from 'undici';
import type { ChatDebugOptions } from '../../src/index.js';
import { COPIES, type Copy } from '../attempt/undici-copies.js';
import { startHttp2Provider } from '../support/http2-provider.js';
import type { Route as Answers } from '../support/provider.js';
import { startProxy, type TestProxy } from '../support/proxy.js';
import { type Recording, startRecording } from '../support/recording.js';
import type { Route } from './clients.js';

/** Shared by the users of a round: the recording, the provider over HTTP/1 and HTTP/2, a proxy, pools. */
export interface Stage {
  readonly recording: Recording;
  /** The origin of the provider over HTTP/2. */
  readonly secureUrl: string;
  /** By the name of each copy of undici: one connection, two, the default ones, HTTP/2, a proxy. */
  readonly routes: readonly ReadonlyMap<string, Route>[];
  close(): Promise<void>;
}

export async function setStage(options: ChatDebugOptions, answers: Answers): Promise<Stage> {
  const [recording, secure, proxy] = await Promise.all([
    startRecording(options),
    startHttp2Provider(answers),
    startProxy(),
  ]);
  recording.provider.route(answers);
  const routes = routesTo(recording.provider.url, secure.url, proxy);
  return {
    recording,
    secureUrl: secure.url,
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
  const overHttp2 = to(
    secureUrl,
    ({ undici }) => new undici.Agent({ allowH2: true, connections: 2, connect }),
  );
  // undici 5 sometimes passes on the body before the headers, and an assertion fails outside of the request.
  overHttp2.set('undici 5', { url, dispatcher: undefined });
  return [
    to(url, ({ undici }) => new undici.Agent({ connections: 1 })),
    to(url, ({ undici }) => new undici.Agent({ connections: 2 })),
    to(url, () => undefined),
    overHttp2,
    to(url, ({ undici }) => new undici.ProxyAgent({ uri: proxy.url, connections: 2 })),
  ];
}
