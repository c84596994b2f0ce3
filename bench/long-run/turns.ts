import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI4 from 'openai4';
import { startRun, withRun, withStep } from '../../src/index.js';
import { CLIENT_NAMES, CLIENTS, type Client, type ClientName } from '../../test/outcomes/clients.js';
import { isFetch, isStainless, type Operation } from '../../test/outcomes/scenario.js';
import type { Random } from '../../test/redact/planted.js';
import type { Answer } from './traffic.js';

const ERRORS = [
  'The tide is gone',
  'The boat is gone',
  "Cannot read properties of undefined (reading 'wave')",
];

/** What an application does with runs and steps, besides one call in each. */
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
    name: 'a route that returns its stream',
    weight: 4,
    play: async (stage) => {
      const pieces = await withRun({ chatId: chatId(stage.random) }, () =>
        CLIENTS['openai, chat'].stream({ url: stage.url('ok') }),
      );
      for await (const _ of pieces);
    },
  },
  {
    name: 'a run without an end',
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

/** A call in a run, as applications write it. */
export const AROUND: readonly ((stage: Stage, play: () => Promise<unknown>) => Promise<unknown>)[] = [
  (_, play) => play(),
  ({ random }, play) => withRun({ chatId: chatId(random) }, play),
  ({ random }, play) => withRun({ chatId: chatId(random) }, () => withStep({}, play)),
];

function chatId(random: () => number): string {
  return `chat-${Math.floor(random() * 2_000)}`;
}

/** The environment of a turn. */
export interface Stage {
  readonly random: Random;
  /** The URL of a provider that answers the attempts of one call with these responses. */
  readonly url: (...answers: Answer[]) => string;
}

/** Something that users and applications do. */
export interface Turn {
  readonly name: string;
  /** Its relative frequency. */
  readonly weight: number;
  /** The number of its runs. Default: 1. */
  readonly runs?: number;
  /** May fail. */
  play(stage: Stage): Promise<unknown>;
}

interface Made {
  readonly retries?: number;
  readonly operation?: Operation;
  readonly suits?: (client: ClientName) => boolean;
  readonly signal?: AbortSignal;
  readonly timeoutMillis?: number;
  /** Called with each piece of a stream. */
  readonly onPiece?: () => void;
}

export function oneOf<T>(random: Random, all: readonly T[]): T {
  const found = all[Math.floor(random() * all.length)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}

function someClient({ random }: Stage, suits: (client: ClientName) => boolean = () => true): Client {
  return CLIENTS[oneOf(random, CLIENT_NAMES.filter(suits))];
}

/** Makes a call with a client, reads the whole response and returns its text. */
async function call(stage: Stage, answers: readonly Answer[], made: Made = {}): Promise<string> {
  const { operation = oneOf(stage.random, ['generate', 'stream']), suits, onPiece, ...options } = made;
  const client = someClient(stage, suits);
  const asked = { url: stage.url(...answers), ...options };
  if (operation === 'generate') return client.generate(asked);
  let text = '';
  for await (const piece of await client.stream(asked)) {
    text += piece;
    onPiece?.();
  }
  return text;
}

function turn(name: string, weight: number, answers: readonly Answer[], made?: Made): Turn {
  return { name, weight, play: (stage) => call(stage, answers, made) };
}

/** Its timeouts would be those of `AbortSignal.timeout`, whose timers outlive them: see the README. */
const isNotFetch = (client: ClientName): boolean => !isFetch(client);
const isNotGoogle = (client: ClientName): boolean => client !== '@google/genai';

/** Faults of the provider and of the network. */
const PROVIDER_TURNS: readonly Turn[] = [
  turn('400', 2, ['400']),
  turn('401', 1, ['401']),
  turn('429', 2, ['429']),
  turn('500', 3, ['500']),
  turn('500, 500, good', 3, ['500', '500', 'ok'], { retries: 2 }),
  turn('429, good', 3, ['429', 'ok'], { retries: 2 }),
  turn('500, 500', 2, ['500'], { retries: 1 }),
  turn('a 500 of 20 KB, good', 2, ['large-500', 'ok'], { retries: 1, suits: isStainless }),
  turn('a 500 without end, good', 2, ['endless-500', 'ok'], { retries: 1, suits: isStainless }),
  turn('an error event', 2, ['error-event'], { operation: 'stream' }),
  turn('cut before the headers', 2, ['cut']),
  turn('cut in the answer', 2, ['cut-in']),
  turn('no terminal event', 2, ['ends-early'], { operation: 'stream' }),
  turn('broken JSON', 1, ['broken-json'], { operation: 'generate' }),
  turn('a web page', 1, ['page']),
];

/** Faults of the caller or its client. */
const CALLER_TURNS: readonly Turn[] = [
  turn('a time-out', 1, ['hang'], { timeoutMillis: 1_000, suits: isNotFetch }),
  turn('a time-out, good', 1, ['hang', 'ok'], { timeoutMillis: 1_000, retries: 1, suits: isStainless }),
  {
    name: 'aborted before the headers',
    weight: 2,
    play: (stage) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 50);
      return call(stage, ['hang'], { signal: controller.signal });
    },
  },
  {
    name: 'aborted in the middle',
    weight: 3,
    play: (stage) => {
      const controller = new AbortController();
      const abort = () => controller.abort();
      return call(stage, ['hang-in'], { signal: controller.signal, operation: 'stream', onPiece: abort });
    },
  },
  {
    name: 'a `break` out of the iteration',
    weight: 2,
    play: async (stage) => {
      for await (const _ of await someClient(stage, isNotGoogle).stream({ url: stage.url('hang-in') })) break;
    },
  },
  {
    name: 'a stream never read',
    weight: 1,
    play: (stage) => someClient(stage).stream({ url: stage.url('ok') }),
  },
  {
    name: 'a response never read',
    weight: 1,
    play: async (stage) => someClient(stage, isNotGoogle).open?.({ url: stage.url('large-500') }),
  },
  {
    name: 'a stream read by two',
    weight: 1,
    play: async (stage) => {
      const branches = (await someClient(stage, isNotGoogle).tee?.({ url: stage.url('ok') })) ?? [];
      for (const branch of branches) for await (const _ of branch);
    },
  },
  {
    name: 'a long stream, compressed, with node:http',
    weight: 1,
    play: async (stage) => {
      const client = new OpenAI4({ apiKey: 'not-a-key', baseURL: `${stage.url('gzip')}/v1`, maxRetries: 0 });
      const messages = [{ role: 'user' as const, content: 'Tell me about waves.' }];
      for await (const _ of await client.chat.completions.create({ model: 'm', messages, stream: true }));
    },
  },
  {
    name: 'a long stream, compressed',
    weight: 1,
    play: (stage) => call(stage, ['gzip'], { operation: 'stream', suits: isFetch }),
  },
  {
    name: 'a long chat',
    weight: 4,
    play: async (stage) => {
      const messages = [{ role: 'user', content: 'What should I know about the tides? '.repeat(3_000) }];
      const body = JSON.stringify({ model: 'model-1', messages, stream: true });
      const url = `${stage.url('long')}/v1/chat/completions`;
      return (await fetch(url, { method: 'POST', body })).text();
    },
  },
];

/** Most turns succeed. */
export const GOOD_TURN: Turn = turn('all goes well', 45, ['ok']);

/** Calls of one client each, with or without a run and a step. */
export const CALL_TURNS: readonly Turn[] = [GOOD_TURN, ...PROVIDER_TURNS, ...CALLER_TURNS];
