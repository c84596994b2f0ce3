import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import OpenAI from 'openai';
import type { Dispatcher } from 'undici';
import { withRun, withStep } from '../../src/index.js';
import { completion } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { startProxy, type TestProxy } from '../support/proxy.js';
import { type Recording, startRecording } from '../support/recording.js';
import { TEST_TLS } from '../support/tls.js';
import type { RunTree } from '../support/tree.js';
import { COPIES, type Copy, NODE_MAJOR, type Undici } from './undici-copies.js';

const CHAT = '/v1/chat/completions';
const asking = (content: string) => JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });
const BODY = asking('Hello');
const POST = { method: 'POST', headers: { 'content-type': 'application/json' } } as const;
const ANSWER = completion('Hello.');
const failing = (status: number): Reply => ({ type: 'json', status, body: { error: { message: 'no' } } });
const completed = { status: 'completed', statusCode: 200 };
const RETRIES = { minTimeout: 1, maxTimeout: 1, methods: ['POST' as const] };

let recording: Recording;
let proxy: TestProxy;
let open: Dispatcher[];
beforeEach(async () => {
  open = [];
  [recording, proxy] = await Promise.all([startRecording(), startProxy()]);
  recording.provider.reply(ANSWER);
});
afterEach(async () => {
  // MockAgent does not override `destroy`.
  await Promise.all(open.map((dispatcher) => dispatcher.close()));
  await Promise.all([recording.stop(), proxy.close()]);
});

const using = <D extends Dispatcher>(dispatcher: D): D => {
  open.push(dispatcher);
  return dispatcher;
};

const ask = async (
  { request }: Undici,
  dispatcher: Dispatcher,
  body = BODY,
  url = recording.provider.url,
) => {
  const { statusCode, body: answer } = await request(url + CHAT, { ...POST, body, dispatcher });
  await answer.text();
  return statusCode;
};
const fetched = async ({ fetch }: Undici, dispatcher: Dispatcher, body = BODY) => {
  const answer = await fetch(recording.provider.url + CHAT, { ...POST, body, dispatcher });
  await answer.text();
  return answer.status;
};

/** For each run, its steps by the results of their attempts. */
const outline = (runs: readonly RunTree[]) =>
  runs.map(({ steps }) => steps.map(({ attempts }) => attempts.map(({ statusCode }) => statusCode)));
const insideOf = async (runId: string, call: () => Promise<unknown>) => withRun({ runId }, call);

describe.each(COPIES)('$name', ({ undici, major }: Copy) => {
  const ways: Record<string, () => Promise<number>> = {
    Agent: () => fetched(undici, using(new undici.Agent())),
    request: () => ask(undici, using(new undici.Agent())),
    stream: async () => {
      const into = new PassThrough();
      const options = { ...POST, body: BODY, dispatcher: using(new undici.Agent()) };
      const read = buffer(into);
      await undici.stream(recording.provider.url + CHAT, options, () => into);
      return (await read).length > 0 ? 200 : 0;
    },
    pipeline: async () => {
      const options = { ...POST, dispatcher: using(new undici.Agent()) };
      const pipeline = undici.pipeline(recording.provider.url + CHAT, options, ({ body }) => body);
      return (await buffer(pipeline.end(BODY))).length > 0 ? 200 : 0;
    },
    'ProxyAgent with a tunnel': () =>
      fetched(undici, using(new undici.ProxyAgent({ uri: proxy.url, proxyTunnel: true }))),
    'ProxyAgent that forwards': () =>
      fetched(undici, using(new undici.ProxyAgent({ uri: proxy.url, proxyTunnel: false }))),
    'MockAgent that lets it pass': () => fetched(undici, using(new undici.MockAgent())),
    ...(major > 5 && {
      EnvHttpProxyAgent: () => fetched(undici, using(new undici.EnvHttpProxyAgent({ httpProxy: proxy.url }))),
    }),
    ...(major > 6 && {
      'a cache, for the first time': () =>
        fetched(undici, using(new undici.Agent().compose(undici.interceptors.cache()))),
    }),
  };

  test.each(Object.entries(ways))('%s: one attempt, with its bodies', async (name, way) => {
    expect(await way()).toBe(200);
    expect(proxy.asked).toHaveLength(/Proxy/.test(name) ? 1 : 0);
    const attempt = {
      ...completed,
      path: CHAT,
      requestBody: BODY,
      responseBody: expect.stringContaining('Hello.'),
    };
    expect(await recording.stop()).toMatchObject([{ steps: [{ status: 'completed', attempts: [attempt] }] }]);
  });

  test('MockAgent: no exchange, so nothing is recorded and no step is opened', async () => {
    const agent = using(new undici.MockAgent());
    agent.disableNetConnect();
    agent.get(recording.provider.url).intercept({ path: CHAT, method: 'POST' }).reply(200, 'mocked');
    expect(await fetched(undici, agent)).toBe(200);
    expect(await recording.stop()).toEqual([]);
  });

  test('an Agent with one connection: each call is in its own run', async () => {
    const agent = using(new undici.Agent({ connections: 1 }));
    await Promise.all(['a', 'b', 'c'].map((id) => insideOf(id, () => fetched(undici, agent, asking(id)))));
    expect(await ownBodies(recording)).toEqual(['a', 'b', 'c'].map((id) => [id, [asking(id)]]));
  });

  test('a full pool: a waiting call is in its own run, or before undici 8 in an unnamed one', async () => {
    const pool = using(new undici.Pool(recording.provider.url, { connections: 1 }));
    // All three runs continue until the last response, since an ended run takes no call.
    let left = 3;
    let release = () => {};
    const answered = new Promise<void>((resolve) => {
      release = resolve;
    });
    const call = async (id: string) => {
      await fetched(undici, pool, asking(id));
      left -= 1;
      if (left === 0) release();
      await answered;
    };
    await Promise.all(['a', 'b', 'c'].map((id) => insideOf(id, () => call(id))));
    const found = await ownBodies(recording);
    const named = found.filter(([id]) => ['a', 'b', 'c'].includes(id));
    const others = found.filter((row) => !named.includes(row)).map(([, bodies]) => String(bodies));
    expect(named).toEqual([
      ['a', [asking('a')]],
      ['b', major < 8 ? [] : [asking('b')]],
      ['c', major < 8 ? [] : [asking('c')]],
    ]);
    expect(others.sort()).toEqual(major < 8 ? [asking('b'), asking('c')] : []);
  });

  if (major > 5) {
    test('RetryAgent: attempts of one call are one step, regardless of who opened the connection', async () => {
      recording.provider.route(({ body }) => {
        const tries = recording.provider.requests.filter((request) => request.body.equals(body)).length;
        return tries === 1 ? failing(500) : tries === 2 ? failing(503) : undefined;
      });
      const agent = using(new undici.RetryAgent(new undici.Agent({ connections: 1 }), RETRIES));
      await Promise.all([
        ...['a', 'b'].map((id) => insideOf(id, () => ask(undici, agent, asking(id)))),
        insideOf('c', async () => withStep({}, () => ask(undici, agent, asking('c')))),
        ask(undici, agent),
      ]);
      const runs = await recording.stop();
      expect(outline(runs)).toEqual([1, 2, 3, 4].map(() => [[500, 503, 200]]));
      expect(runs.map(({ hasError }) => hasError)).toEqual([false, false, false, false]);
    });

    test('RetryAgent: after a cut connection', async () => {
      recording.provider.reply(ANSWER, { type: 'cut', when: 'before-headers' }, ANSWER);
      const agent = using(new undici.RetryAgent(new undici.Agent({ connections: 1 }), RETRIES));
      await insideOf('a', () => ask(undici, agent));
      await insideOf('b', () => ask(undici, agent));
      expect(outline(await recording.stop())).toEqual([[[200]], [[undefined, 200]]]);
    });

    test('interceptors: a redirect and a retry are attempts of the step', async () => {
      recording.provider.reply(
        ANSWER,
        { type: 'json', status: 307, headers: { location: `${CHAT}?again` }, body: {} },
        failing(503),
        ANSWER,
      );
      const { redirect, retry } = undici.interceptors;
      const agent = using(
        new undici.Agent({ connections: 1 }).compose(retry(RETRIES), redirect({ maxRedirections: 1 })),
      );
      await insideOf('a', async () => withStep({}, () => ask(undici, agent)));
      await insideOf('b', async () => withStep({}, () => ask(undici, agent)));
      expect(outline(await recording.stop())).toEqual([[[200]], [[307, 503, 200]]]);
    });
  }

  if (major > 6) {
    test('a cache: a hit is not an exchange', async () => {
      recording.provider.reply({ type: 'json', body: {}, headers: { 'cache-control': 'max-age=100' } });
      const agent = using(new undici.Agent().compose(undici.interceptors.cache()));
      const get = async () => (await undici.fetch(recording.provider.url, { dispatcher: agent })).text();
      await insideOf('a', async () => withStep({}, async () => [await get(), await get()]));
      expect(outline(await recording.stop())).toEqual([[[200]]]);
    });
  }

  describe('HTTP/2', () => {
    let server: Http2SecureServer;
    let url: string;
    beforeEach(async () => {
      server = createSecureServer(TEST_TLS, (request, response) => {
        request
          .resume()
          .on('end', () =>
            response.end(JSON.stringify({ choices: [{ message: `HTTP/${request.httpVersion}` }] })),
          );
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const address = server.address();
      url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    });
    afterEach(() => void server.close());

    test.each(['fetch', 'request'] as const)('%s: one attempt, with its bodies', async (way) => {
      const agent = new undici.Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
      const options = { ...POST, body: BODY, dispatcher: agent };
      if (way === 'fetch') await (await undici.fetch(url + CHAT, options)).text();
      else await (await undici.request(url + CHAT, options)).body.text();
      await agent.close();
      const attempt = {
        ...completed,
        path: CHAT,
        requestBody: BODY,
        responseBody: expect.stringContaining('HTTP/2.0'),
      };
      expect(await recording.stop()).toMatchObject([
        { steps: [{ status: 'completed', attempts: [attempt] }] },
      ]);
    });
  });

  test('a redirect that fetch follows: each request is recorded, outside withStep as a step', async () => {
    recording.provider.reply(
      { type: 'json', status: 307, headers: { location: `${CHAT}?b` }, body: {} },
      ANSWER,
    );
    expect(await fetched(undici, using(new undici.Agent()))).toBe(200);
    expect(outline(await recording.stop())).toEqual([[[307]], [[200]]]);
  });

  test('the code that aborts stays in its own run', async () => {
    const agent = using(new undici.Agent());
    recording.provider.reply({ type: 'hang', when: 'before-headers' }, ANSWER);
    const controller = new AbortController();
    const asked = insideOf('a', () =>
      undici.fetch(recording.provider.url + CHAT, {
        ...POST,
        body: BODY,
        dispatcher: agent,
        signal: controller.signal,
      }),
    ).catch(() => {});
    await recording.provider.arrived();
    await insideOf('b', () => {
      controller.abort(Object.assign(new Error('enough'), { code: 'ENOUGH' }));
      return fetched(undici, agent, asking('b'));
    });
    await asked;
    expect(await ownBodies(recording)).toEqual([
      ['a', [BODY]],
      ['b', [asking('b')]],
    ]);
  });

  // Node's fetch accepts the dispatchers of some copies only.
  const taken = NODE_MAJOR < 26 ? major < 8 : major > 6;
  test(`Node's fetch ${taken ? 'takes' : 'refuses'} its Agent`, async () => {
    const options = { ...POST, body: BODY, dispatcher: using(new undici.Agent()) };
    const asked: Promise<Response> = Reflect.apply(fetch, globalThis, [
      recording.provider.url + CHAT,
      options,
    ]);
    const [said] = await Promise.allSettled([asked.then((answer) => answer.text())]);
    expect(said.status).toBe(taken ? 'fulfilled' : 'rejected');
    expect(outline(await recording.stop())).toEqual(taken ? [[[200]]] : []);
  });
});

test("an SDK's fetchOptions", async () => {
  const [own] = COPIES.filter(({ major }) => major === (NODE_MAJOR < 26 ? 7 : 8));
  const dispatcher = own && using(new own.undici.Agent());
  const options = { apiKey: 'k', baseURL: `${recording.provider.url}/v1`, fetchOptions: { dispatcher } };
  const openai: OpenAI = Reflect.construct(OpenAI, [options]);
  await openai.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] });
  const attempt = { ...completed, requestBody: BODY, responseBody: expect.stringContaining('Hello.') };
  expect(await recording.stop()).toMatchObject([{ steps: [{ attempts: [attempt] }] }]);
});

/** For each run, by id, the request bodies of its attempts. */
async function ownBodies(of: Recording): Promise<(readonly [string, (string | undefined)[]])[]> {
  const flat = (runs: readonly RunTree[]): RunTree[] => runs.flatMap((run) => [run, ...flat(run.children)]);
  const rows = flat(await of.stop()).map(
    ({ id, steps }) =>
      [id, steps.flatMap(({ attempts }) => attempts.map(({ requestBody }) => requestBody))] as const,
  );
  return rows.sort(([a], [b]) => a.localeCompare(b));
}
