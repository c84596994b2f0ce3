import type { Dispatcher } from 'undici';
import { withRun } from '../../src/index.js';
import { completion } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';
import { COPIES, handlerOf } from './undici-copies.js';

const CHAT = '/v1/chat/completions';
const POST = { method: 'POST', headers: { 'content-type': 'application/json' } } as const;
const asking = (content: string) => JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });

/** undici 6 starts a queued request in a later turn of the event loop. */
const STARTING = COPIES.filter(({ major }) => major !== 6);
/** Callbacks of a handler that undici may call while it dispatches the request of another caller. */
const CALLBACKS = ['onConnect', 'onBodySent', 'onRequestSent'] as const;

let recording: Recording;
let open: Dispatcher[];
beforeEach(async () => {
  open = [];
  recording = await startRecording();
  recording.provider.route(() => completion('Hello.'));
});
afterEach(async () => {
  await Promise.all(open.map((dispatcher) => dispatcher.close()));
  await recording.stop();
});

/**
 * undici starts a queued request when the socket is free again: in a later turn of the event loop, or inside the next
 * `dispatch`, whoever calls it.
 */
describe.each(STARTING)(
  '$name: a queued request that the dispatch of another caller starts',
  ({ undici, major }) => {
    test.each(CALLBACKS)('a call in its %s is not of that caller', async (name) => {
      const origin = recording.provider.url;
      const client = new undici.Client(origin);
      const other = new undici.Agent();
      open.push(client, other);
      const ask = async (dispatcher: Dispatcher, content: string) => {
        const { body } = await undici.request(origin + CHAT, { ...POST, body: asking(content), dispatcher });
        await body.text();
      };
      const events: string[] = [];
      let guest: Promise<void> | undefined;
      const first = withRun({ runId: 'first' }, () => ask(client, 'first'));
      const queued = withRun(
        { runId: 'queued' },
        () =>
          new Promise<void>((resolve) => {
            const callback = () => {
              events.push('queued');
              guest ??= ask(other, 'guest');
            };
            const handler = handlerOf(
              { major },
              { onComplete: resolve, onError: () => resolve(), [name]: callback },
            );
            const options = { ...POST, origin, path: CHAT, body: asking('queued') };
            Reflect.apply(client.dispatch, client, [options, handler]);
          }),
      );
      await first;
      const next = withRun({ runId: 'next' }, () => {
        events.push('next');
        const asked = ask(client, 'next');
        events.push('dispatched');
        return asked;
      });
      await Promise.all([queued, next]);
      await guest;
      expect(events).toEqual(['next', 'queued', 'dispatched']);
      const runs = (await recording.runs()).map(({ id, steps }) => [
        id,
        steps.flatMap(({ attempts }) => attempts.map(({ requestBody }) => requestBody)),
      ]);
      expect(runs).toContainEqual(['next', [asking('next')]]);
    });
  },
);
