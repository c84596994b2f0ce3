import { getEventListeners } from 'node:events';
import OpenAI from 'openai';
import { chatDebug, type LiveRun, withRun } from '../../src/index.js';
import { runNode } from '../support/child.js';
import { completion, completionStream } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());

type Runs = readonly LiveRun[];
/** The minimum interval. */
const OFTEN = { intervalMillis: 100 };

/** A turn of two calls, the second of which is a stream that stalls. `stop` aborts it. */
function turn(chatId: string, kind = 'chat_turn') {
  recording.provider.reply(completion('One.'), { ...completionStream(['two', 'three']), hangAfter: 2 });
  const openai = new OpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
  const abort = new AbortController();
  const ended = withRun({ chatId, kind, ownerId: 'u', runId: `run of ${chatId}` }, async () => {
    await openai.chat.completions.create({ model: 'm', messages: [] });
    const body = { model: 'm', messages: [], stream: true as const };
    for await (const _ of await openai.chat.completions.create(body, { signal: abort.signal }));
  }).catch(() => {});
  return {
    stop: async () => {
      abort.abort();
      await ended;
    },
  };
}

/** Reads until a state matches. */
async function until(watch: AsyncIterator<Runs>, passes: (runs: Runs) => boolean): Promise<Runs> {
  for (;;) {
    const { done, value } = await watch.next();
    if (done) throw new Error('the watch has ended');
    if (passes(value)) return value;
  }
}

test.each(['errors', 'full'] as const)(
  'a run is seen during its life, and not after its end: %s',
  async (capture) => {
    recording = await startRecording({ capture });
    const watch = recording.handle.watchRuns('c', OFTEN);
    expect(await watch.next()).toEqual({ done: false, value: [] });
    const startedAt = Date.now();
    const { stop } = turn('c', 'title_generation');
    const [run] = await until(watch, ([one]) => one?.endedSteps === 1 && (one.call?.bytes ?? 0) > 0);
    expect(run).toMatchObject({
      runId: 'run of c',
      chatId: 'c',
      ownerId: 'u',
      kind: 'title_generation',
      model: 'm',
    });
    expect(run).toMatchObject({ capture, endedSteps: 1, call: { stepNumber: 2, model: 'm' } });
    // The times of runs may differ from the system clock by 2 ms.
    expect(run?.call?.startTimeMillis).toBeGreaterThanOrEqual(startedAt - 2);
    const silentMillis = run?.call?.silentMillis ?? 0;
    const [later] = await until(watch, ([one]) => (one?.call?.silentMillis ?? 0) > silentMillis);
    expect(later?.call?.bytes).toBe(run?.call?.bytes);
    await stop();
    expect(await until(watch, (runs) => runs.length === 0)).toEqual([]);
    await watch.return?.();
  },
);

test('a watch of one chat sees only its runs, one of all sees all', async () => {
  recording = await startRecording();
  const { stop } = turn('c');
  const all = recording.handle.watchRuns(undefined, OFTEN);
  const [seen] = await until(all, (runs) => runs.length === 1);
  expect(seen?.chatId).toBe('c');
  const other = recording.handle.watchRuns('d', OFTEN);
  expect((await other.next()).value).toEqual([]);
  // The run continues to stall, but the other chat has no new state.
  const news = other.next().then(({ done }) => done);
  await until(all, ([run]) => (run?.call?.silentMillis ?? 0) > 300);
  await Promise.all([stop(), other.return?.(), all.return?.()]);
  expect(await news).toBe(true);
});

test('a slow reader gets the newest state, and no intermediate ones are kept', async () => {
  recording = await startRecording();
  const slow = recording.handle.watchRuns(undefined, OFTEN);
  expect((await slow.next()).value).toEqual([]);
  for (const chatId of ['a', 'b']) await turn(chatId).stop();
  const { stop } = turn('c');
  const quick = recording.handle.watchRuns('c', OFTEN);
  await until(quick, ([run]) => run?.call?.stepNumber === 2);
  expect((await slow.next()).value).toMatchObject([{ chatId: 'c', call: { stepNumber: 2 } }]);
  await Promise.all([stop(), slow.return?.(), quick.return?.()]);
});

describe('it ends', () => {
  const BY = {
    'with return(), while a consumer waits': (watch: AsyncIterator<Runs>) => watch.return?.(),
    'with the signal': (_: AsyncIterator<Runs>, abort: AbortController) => abort.abort(),
    'with the recording': () => recording.handle.shutdown(),
  };
  test.each(Object.entries(BY))('%s', async (_, end) => {
    recording = await startRecording();
    const abort = new AbortController();
    const watch = recording.handle.watchRuns(undefined, { signal: abort.signal });
    await watch.next();
    const waiting = [watch.next(), watch.next()];
    await end(watch, abort);
    const over = { done: true, value: undefined };
    expect(await Promise.all([...waiting, watch.next()])).toEqual([over, over, over]);
  });

  test('leaves nothing on the signal of a consumer that never returns', async () => {
    recording = await startRecording();
    const { signal } = new AbortController();
    const watch = recording.handle.watchRuns(undefined, { signal });
    await watch.next();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    const waiting = watch.next();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await watch.return?.();
    expect([(await waiting).done, getEventListeners(signal, 'abort').length]).toEqual([true, 0]);
  });

  test('with break', async () => {
    recording = await startRecording();
    const watch = recording.handle.watchRuns();
    for await (const runs of watch) {
      expect(runs).toEqual([]);
      break;
    }
    expect((await watch.next()).done).toBe(true);
  });

  test('at once if the signal is aborted, the recording has ended, or was never started', async () => {
    recording = await startRecording();
    const aborted = recording.handle.watchRuns(undefined, { signal: AbortSignal.abort() });
    expect((await aborted.next()).done).toBe(true);
    await recording.handle.shutdown();
    for (const { watchRuns } of [recording.handle, chatDebug()])
      expect((await watchRuns().next()).done).toBe(true);
  });
});

test.each([0, 99, 60_001, 150.5, Number.NaN])('an invalid interval: %p', async (intervalMillis) => {
  recording = await startRecording();
  expect(() => recording.handle.watchRuns(undefined, { intervalMillis })).toThrow(
    new RangeError(`Invalid intervalMillis "${intervalMillis}": expected an integer from 100 to 60000`),
  );
});

test('does not keep the process alive, and is loaded on first use', async () => {
  recording = await startRecording();
  const source = `const { startChatDebug } = require('opentelemetry-instrumentation-chatdebug');
    const loaded = () => Object.keys(require.cache).some((file) => file.endsWith('watch-runs.js'));
    const handle = startChatDebug();
    const before = loaded();
    const watch = handle.watchRuns();
    watch.next().then(({ value }) => {
      console.log(JSON.stringify({ before, after: loaded(), value }));
      watch.next();
    });`;
  const { code, stdout, stderr } = await runNode({ source, type: 'commonjs' });
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toEqual({ before: false, after: true, value: [] });
});
