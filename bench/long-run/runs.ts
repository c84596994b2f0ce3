import { setTimeout as sleep } from 'node:timers/promises';
import { startRun, withRun, withStep } from '../../src/index.js';
import { CLIENTS } from '../../test/outcomes/clients.js';
import { call, type Stage, type Turn } from './turns.js';

const ERRORS = [
  'The tide is gone',
  'The boat is gone',
  "Cannot read properties of undefined (reading 'wave')",
];

/** What an application does with runs and steps, beyond one call in each. */
export const RUN_TURNS: readonly Turn[] = [
  {
    name: 'an error of the application',
    weight: 4,
    play: ({ random }) =>
      withRun({ chatId: chatId(random) }, () =>
        withStep({}, async () => {
          throw new TypeError(ERRORS[Math.floor(random() * ERRORS.length)]);
        }),
      ),
  },
  {
    name: 'two steps and a title',
    weight: 6,
    runs: 2,
    play: (stage) =>
      withRun({ chatId: chatId(stage.random), ownerId: 'user-1' }, async () => {
        const title = () => withRun({ kind: 'title_generation' }, () => call(stage, ['ok']));
        await Promise.all([title(), withStep({}, () => call(stage, ['ok']))]);
        await call(stage, ['429', 'ok'], { retries: 1 });
      }),
  },
  {
    name: 'a route that gives back its stream',
    weight: 4,
    play: async (stage) => {
      const pieces = await withRun({ chatId: chatId(stage.random) }, () =>
        CLIENTS['openai, chat'].stream({ url: stage.url('ok') }),
      );
      for await (const _ of pieces);
    },
  },
  {
    name: 'a run that nobody ends',
    weight: 1,
    play: (stage) => startRun({ chatId: chatId(stage.random) }).with(() => call(stage, ['ok'])),
  },
  {
    name: 'a step after the end of its run',
    weight: 1,
    runs: 2,
    play: (stage) => {
      const run = startRun({ chatId: chatId(stage.random) });
      const late = run.with(async () => {
        await sleep(10);
        return withStep({}, () => call(stage, ['500']));
      });
      run.end();
      return late;
    },
  },
  {
    name: 'a run joined by its id',
    weight: 1,
    play: (stage) => {
      const options = { runId: `run-${stage.random()}` };
      const half = () => withRun(options, () => call(stage, ['ok']));
      return Promise.all([half(), half()]);
    },
  },
];

/** As an application may put a call into a run. */
export const AROUND: readonly ((stage: Stage, play: () => Promise<unknown>) => Promise<unknown>)[] = [
  (_, play) => play(),
  ({ random }, play) => withRun({ chatId: chatId(random) }, play),
  ({ random }, play) => withRun({ chatId: chatId(random) }, () => withStep({}, play)),
];

function chatId(random: () => number): string {
  return `chat-${Math.floor(random() * 2_000)}`;
}
