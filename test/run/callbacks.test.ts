import { PassThrough } from 'node:stream';
import type { Dispatcher } from 'undici';
import { withRun } from '../../src/index.js';
import { COPIES, type Copy, handlerOf } from '../attempt/undici-copies.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';
import type { RunTree } from '../support/tree.js';

const CHAT = '/v1/chat/completions';
const POST = { method: 'POST', headers: { 'content-type': 'application/json' } } as const;
const asking = (content: string) => JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });

/** The runs, and those inside them. */
const flat = (runs: readonly RunTree[]): RunTree[] => runs.flatMap((run) => [run, ...flat(run.children)]);

/** The action of the application inside a callback of undici: it calls a model in a run of another user. */
type InCallback = () => void;

const CALLBACKS = ['onConnect', 'onHeaders', 'onData', 'onComplete'] as const;

let recording: Recording;
let agent: Dispatcher;
beforeEach(async () => {
  recording = await startRecording();
  recording.provider.route(({ path }) => (path === CHAT ? completion('Hello.') : undefined));
});
afterEach(async () => {
  await agent.close();
  await recording.stop();
});

describe.each(COPIES)(
  'a call of one user inside a callback of another user’s: $name',
  ({ undici, major }: Copy) => {
    const post = async (body: string, path = CHAT) => {
      const answer = await undici.request(recording.provider.url + path, {
        ...POST,
        body,
        dispatcher: agent,
      });
      await answer.body.text();
    };

    const dispatching =
      (name: (typeof CALLBACKS)[number], user = 'a') =>
      (called: InCallback) =>
        new Promise<void>((resolve) => {
          const callback = () => {
            called();
            if (name === 'onComplete') resolve();
          };
          const handler = handlerOf(
            { major },
            { onComplete: resolve, onError: () => resolve(), [name]: callback },
          );
          const options = { ...POST, origin: recording.provider.url, path: CHAT, body: asking(user) };
          Reflect.apply(agent.dispatch, agent, [options, handler]);
        });

    const ways: Record<string, (called: InCallback) => Promise<unknown>> = {
      ...Object.fromEntries(CALLBACKS.map((name) => [name, dispatching(name)] as const)),
      'the factory of stream': async (called) => {
        const options = { ...POST, body: asking('a'), dispatcher: agent };
        await undici.stream(recording.provider.url + CHAT, options, () => {
          called();
          return new PassThrough().resume();
        });
      },
      'the body as a generator': async (called) => {
        async function* body() {
          called();
          yield asking('a');
        }
        const options = { ...POST, body: body() as never, dispatcher: agent };
        const answer = await undici.request(recording.provider.url + CHAT, options);
        await answer.body.text();
      },
    };

    const own = () => post(asking('b'));
    /** By a copy of undici that has no connection yet. */
    const ofAnotherCopy = async () => {
      const other = COPIES.find((copy) => copy.undici !== undici)?.undici ?? undici;
      const dispatcher = new other.Agent();
      const options = { ...POST, body: asking('b'), dispatcher };
      const answer = await other.request(recording.provider.url + CHAT, options);
      await answer.body.text();
      await dispatcher.close();
    };

    describe.each(Object.entries(ways))('%s', (_, way) => {
      test.each([
        ['outside of every run', () => post('{}', '/v1/embeddings'), own],
        ['outside of every run, by another copy', () => post('{}', '/v1/embeddings'), ofAnotherCopy],
        ['by a third user', () => withRun({ runId: 'opener' }, () => post('{}', '/v1/embeddings')), own],
        ['by the call itself', async () => {}, own],
      ])('on a connection opened %s', async (_opener, opens, call) => {
        agent = new undici.Agent({ connections: 1 });
        await opens();
        let inner: Promise<void> | undefined;
        const called = () => {
          inner ??= withRun({ runId: 'b', chatId: 'b' }, call);
        };
        await withRun({ runId: 'a', chatId: 'a' }, () => way(called));
        await inner;
        const found = flat(await recording.stop()).map(({ id, span, steps }) => ({
          owner: span?.attributes['chatdebug.run.context'] === 'unknown' ? 'unknown' : id,
          sent: steps.flatMap(({ attempts }) => attempts.map(({ requestBody }) => requestBody)),
        }));
        const sentIn = (owner: string) =>
          found.filter((run) => run.owner === owner).flatMap(({ sent }) => sent);
        expect(sentIn('a').filter((body) => body !== asking('a'))).toEqual([]);
        expect(sentIn('b').filter((body) => body !== asking('b'))).toEqual([]);
        const all = ['a', 'b', 'unknown'].flatMap(sentIn);
        expect(all.sort()).toEqual([asking('a'), asking('b')]);
      });
    });

    test('a queued request does not begin in the context of the previous one', async () => {
      recording.provider.route(({ body }) =>
        body.toString() === asking('a')
          ? openaiError(500, null, 'server_error', 'Broken')
          : completion('Hello.'),
      );
      agent = new undici.Agent({ connections: 1 });
      await withRun({ runId: 'opener' }, () => post('{}', '/v1/embeddings'));
      let inner: Promise<void> | undefined;
      const called = () => {
        inner ??= new Promise<void>((resolve) => {
          setImmediate(() => void post(asking('b')).then(resolve));
        });
      };
      const failed = withRun({ chatId: 'a' }, () => post(asking('a')));
      await Promise.all([failed, dispatching('onConnect', 'c')(called)]);
      await inner;
      const runs = flat(await recording.stop());
      const a = runs.filter(({ chatId }) => chatId === 'a').flatMap(({ steps }) => steps);
      expect(a.flatMap(({ attempts }) => attempts.map(({ requestBody }) => requestBody))).toEqual([
        asking('a'),
      ]);
    });
  },
);
