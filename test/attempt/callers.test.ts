import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { Dispatcher } from 'undici';
import { withRun } from '../../src/index.js';
import { completion } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';
import type { RunTree } from '../support/tree.js';
import { COPIES, type Copy, handlerOf } from './undici-copies.js';

const CHAT = '/v1/chat/completions';
const POST = { method: 'POST', headers: { 'content-type': 'application/json' } } as const;
const asking = (content: string) => JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });

let recording: Recording;
let open: Dispatcher[];
beforeEach(async () => {
  open = [];
  recording = await startRecording();
  recording.provider.route(({ path }) => (path === CHAT ? completion('Hello.') : undefined));
});
afterEach(async () => {
  await Promise.all(open.map((dispatcher) => dispatcher.close()));
  await recording.stop();
});

const USERS = ['a', 'b', 'c', 'd', 'e', 'f'];

describe.each(COPIES)('$name', ({ undici }: Copy) => {
  const post = async (dispatcher: Dispatcher, path: string, body: string) => {
    const answer = await undici.fetch(recording.provider.url + path, { ...POST, body, dispatcher });
    await answer.text();
  };

  /** Sends each user's request in a run of that user, all in parallel. */
  const all = async (dispatcher: Dispatcher) => {
    const call = (id: string) => withRun({ runId: id, chatId: id }, () => post(dispatcher, CHAT, asking(id)));
    await Promise.all(USERS.map(call));
    return (await recording.runs()).filter(({ id }) => id !== 'opener');
  };

  const openers: Record<string, (dispatcher: Dispatcher) => Promise<unknown>> = {
    'a recorded call': (to) => withRun({ runId: 'opener' }, () => post(to, CHAT, asking('opener'))),
    'a request that is no model call': (to) =>
      withRun({ runId: 'opener' }, () => post(to, '/v1/embeddings', '{}')),
    'a call in a run that is off': (to) =>
      withRun({ runId: 'opener', capture: 'off' }, () => post(to, CHAT, asking('opener'))),
    'a request outside of every run': (to) => post(to, '/v1/embeddings', '{}'),
  };

  describe.each([1, 2, 20])('a pool of %i connections', (connections) => {
    test.each(Object.entries(openers))('opened by %s: each call is in its own run', async (_, opens) => {
      const agent = new undici.Agent({ connections });
      open.push(agent);
      await Promise.all(Array.from({ length: connections }, () => opens(agent)));
      expect(owners(await all(agent))).toEqual(USERS.map((id) => [id, id, 'known', [asking(id)]]));
    });

    test('not yet open: each call is in its run, or in one with an unknown caller', async () => {
      const agent = new undici.Agent({ connections });
      open.push(agent);
      const runs = owners(await all(agent));
      const bodies = runs.flatMap(([, , , sent]) => sent);
      expect(bodies.sort()).toEqual(USERS.map(asking));
      for (const [id, chatId, caller, sent] of runs) {
        if (caller === 'known') expect([[], [asking(String(id))]]).toContainEqual(sent);
        else expect([chatId, sent.length]).toEqual([undefined, 1]);
      }
    });
  });
});

describe('beside the application’s own tracing', () => {
  beforeEach(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
  afterEach(() => context.disable());

  test.each(COPIES)(
    '$name: a run that a request opens is below the span of its caller',
    async ({ undici }) => {
      const agent = new undici.Agent({ connections: 1 });
      open.push(agent);
      const spanIds = USERS.map((_, at) => `${at + 1}`.repeat(16));
      const call = (id: string, at: number) =>
        context.with(
          trace.setSpanContext(context.active(), {
            traceId: `${at + 1}`.repeat(32),
            spanId: spanIds[at] ?? '',
            traceFlags: 1,
          }),
          () => undici.fetch(recording.provider.url + CHAT, { ...POST, body: asking(id), dispatcher: agent }),
        );
      await (await call('opener', 6)).text();
      const answers = await Promise.all(USERS.map(call));
      await Promise.all(answers.map((answer) => answer.text()));
      const parents = new Map(
        (await recording.runs()).map(({ span, steps }) => [
          steps[0]?.attempts[0]?.requestBody,
          span?.parentSpanId,
        ]),
      );
      expect(USERS.map((id) => parents.get(asking(id)))).toEqual(spanIds);
    },
  );
});

/** Each run: its ids, whether its caller is known, and the bodies of its requests. */
function owners(runs: readonly RunTree[]) {
  const rows = runs.map(({ id, chatId, span, steps }) => {
    const bodies = steps.flatMap(({ attempts }) => attempts.map(({ requestBody }) => requestBody ?? ''));
    const { 'chatdebug.run.context': caller = 'known' } = span?.attributes ?? {};
    return [id, chatId, caller, bodies] as const;
  });
  return rows.sort(([a], [b]) => String(a).localeCompare(String(b)));
}

test.each(COPIES)(
  '$name: a handler that the application uses twice belongs to two calls',
  async ({ undici, major }) => {
    const agent = new undici.Agent();
    open.push(agent);
    const ended: (() => void)[] = [];
    const ends = () => ended.shift()?.();
    const handler = handlerOf({ major }, { onComplete: ends, onError: ends });
    const dispatch = (body: string) =>
      new Promise<void>((resolve) => {
        ended.push(resolve);
        const { url: origin } = recording.provider;
        Reflect.apply(agent.dispatch, agent, [{ ...POST, origin, path: CHAT, body }, handler]);
      });
    await dispatch('{}');
    await withRun({ runId: 'a' }, () => dispatch(asking('a')));
    await withRun({ runId: 'b' }, () => dispatch(asking('b')));
    const rows = owners(await recording.stop()).filter(([id]) => id === 'a' || id === 'b');
    expect(rows.map(([id, , , bodies]) => [id, bodies])).toEqual([
      ['a', [asking('a')]],
      ['b', [asking('b')]],
    ]);
  },
);
