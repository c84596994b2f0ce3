import type { ChatDebugOptions } from '../../src/index.js';
import { endlessFailure, hangsAfter, wholeStream } from './answers.js';
import type { ClientName } from './clients.js';
import { left, opened, read, readAll, refusingUrl, type Scene } from './scene.js';

/**
 * How the step of a call ended, its run with it: status, kind of the error, and the attempts. A number is the
 * status code of an attempt that completed; one that did not says how it ended.
 */
export type Outcome = string;

export type Operation = 'generate' | 'stream';

/**
 * Scenarios that are played at the same time: those in which nobody waits; those in which nobody ends the run, so
 * that it has to be given up soon; those that take the time they take, which others must not lengthen.
 */
export const SETS = {
  quick: {},
  'given up': { idleMillis: 400 },
  timed: {},
} as const satisfies Record<string, ChatDebugOptions>;

export type ScenarioSet = keyof typeof SETS;

/** Something that happens to a call, or that the caller does with it. */
export interface Scenario {
  readonly name: string;
  /** Default: both. */
  readonly operations?: readonly Operation[];
  /** In full capture. */
  readonly expected: Outcome;
  readonly unlike?: Readonly<Partial<Record<ClientName, Outcome>>>;
  /** Whether it is kept in errors mode. Default: where it ends as `error generic`. */
  readonly keptInErrors?: boolean;
  /** Clients that it can happen to. Default: all. */
  suits?(client: ClientName): boolean;
  /** Default: `quick`. */
  readonly set?: ScenarioSet;
  /** Scripts the provider, makes the call, and gives the text that the application got. */
  act(scene: Scene): Promise<string>;
}

const isFetch = (client: ClientName) => client.startsWith('fetch');
const isStainless = (client: ClientName) => client.startsWith('openai') || client === '@anthropic-ai/sdk';

/** A second: less is not told to the provider. */
const CLIENT_TIMEOUT_MILLIS = 1_000;

const SOON = { 'retry-after-ms': '1' };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'success',
    expected: 'completed: 200',
    act: (scene) => {
      scene.provider.reply(scene.good);
      return read(scene);
    },
  },
  ...([400, 401, 429, 500] as const).map(
    (status): Scenario => ({
      name: `${status}, not tried again`,
      expected: `error ${{ 400: 'generic', 401: 'auth', 429: 'rate_limit', 500: 'generic' }[status]}: ${status} failed`,
      act: (scene) => {
        scene.provider.reply(scene.client.dialect.failure(status));
        return read(scene);
      },
    }),
  ),
  {
    name: '500, 500, 200',
    expected: 'completed: 500 failed; 500 failed; 200',
    act: (scene) => {
      const failure = scene.client.dialect.failure(500, SOON);
      scene.provider.reply(failure, failure, scene.good);
      return read(scene, { retries: 2 });
    },
  },
  {
    name: '429 with retry-after-ms, 200',
    expected: 'completed: 429 failed; 200',
    act: (scene) => {
      scene.provider.reply(scene.client.dialect.failure(429, SOON), scene.good);
      return read(scene, { retries: 2 });
    },
  },
  {
    name: '500 whose body does not end, 200',
    expected: 'completed: 500 failed; 200',
    // With fetch alone an application would wait for the body.
    suits: isStainless,
    act: (scene) => {
      scene.provider.reply(endlessFailure(SOON), scene.good);
      return read(scene, { retries: 2 });
    },
  },
  {
    name: '500, tried again until the client gave up',
    expected: 'error generic: 500 failed; 500 failed',
    act: (scene) => {
      scene.provider.reply(scene.client.dialect.failure(500, SOON));
      return read(scene, { retries: 1 });
    },
  },
  {
    name: 'error event in a 200 stream',
    operations: ['stream'],
    expected: 'error generic: 200 failed',
    act: (scene) => {
      const { stream, beginning, errorEvent } = scene.client.dialect;
      const events = [...stream.events.slice(0, beginning), errorEvent];
      scene.provider.reply({ ...stream, events, done: false });
      return read(scene);
    },
  },
  {
    name: 'connection refused',
    expected: 'error timeout: no answer, failed',
    act: async (scene) => {
      scene.url = await refusingUrl(scene.provider);
      return read(scene);
    },
  },
  {
    name: 'cut before the headers',
    expected: 'error timeout: no answer, failed',
    act: (scene) => {
      scene.provider.reply({ type: 'cut', when: 'before-headers' });
      return read(scene);
    },
  },
  {
    name: 'cut in the body',
    expected: 'error timeout: 200 failed',
    act: (scene) => {
      const { stream, beginning } = scene.client.dialect;
      const events = [...stream.events.slice(0, beginning), 'data: {"half of an'];
      scene.provider.reply(
        scene.operation === 'generate'
          ? { type: 'cut', when: 'in-body' }
          : { ...stream, events, cutAfter: events.length },
      );
      return read(scene);
    },
  },
  {
    name: 'cut between events',
    operations: ['stream'],
    expected: 'error timeout: 200 failed',
    act: (scene) => {
      const { stream, beginning } = scene.client.dialect;
      scene.provider.reply({ ...stream, cutAfter: beginning });
      return read(scene);
    },
  },
  {
    name: 'a body that ends without its terminal event',
    operations: ['stream'],
    expected: 'error timeout: 200 failed',
    act: (scene) => {
      const { stream, beginning } = scene.client.dialect;
      scene.provider.reply({ ...stream, events: stream.events.slice(0, beginning), done: false });
      return read(scene);
    },
  },
  {
    name: 'aborted by the caller before the headers',
    expected: 'interrupted: no answer, interrupted',
    act: async (scene) => {
      const controller = new AbortController();
      scene.provider.reply({ type: 'hang', when: 'before-headers' });
      const text = read(scene, { signal: controller.signal });
      await scene.provider.arrived();
      controller.abort();
      return left(scene, text);
    },
  },
  {
    name: 'aborted by the caller in the middle',
    expected: 'interrupted: 200 interrupted',
    act: async (scene) => {
      const controller = new AbortController();
      scene.provider.reply(hangsAfter(scene));
      const headers = opened(scene.provider);
      const text = read(scene, { signal: controller.signal }, () => controller.abort());
      if (scene.operation === 'generate') void headers.then(() => controller.abort());
      return left(scene, text);
    },
  },
  {
    name: '`break` out of the iteration',
    operations: ['stream'],
    expected: 'interrupted: 200 interrupted',
    set: 'given up',
    act: async (scene) => {
      scene.provider.reply(hangsAfter(scene));
      const text = firstPiece(await scene.client.stream({ url: scene.url }));
      // Google's client lets go of the body, and leaves it open.
      return scene.name === '@google/genai' ? text : left(scene, text);
    },
  },
  {
    name: '`break` when all had come',
    operations: ['stream'],
    expected: 'completed: 200',
    act: async (scene) => {
      scene.provider.reply(wholeStream(scene));
      return firstPiece(await scene.client.stream({ url: scene.url }));
    },
  },
  {
    name: 'a stream never read',
    operations: ['stream'],
    expected: 'interrupted: 200 interrupted',
    set: 'given up',
    act: async (scene) => {
      scene.provider.reply(hangsAfter(scene));
      scene.keep(await scene.client.stream({ url: scene.url }));
      return '';
    },
  },
  {
    name: 'a response never read',
    operations: ['generate'],
    expected: 'interrupted: 200 interrupted',
    set: 'given up',
    suits: (client) => client !== '@google/genai',
    act: async (scene) => {
      scene.provider.reply(hangsAfter(scene));
      scene.keep(await scene.client.open?.({ url: scene.url }));
      return '';
    },
  },
  {
    name: 'a failed response never read',
    operations: ['generate'],
    expected: 'error generic: 500 failed',
    set: 'given up',
    suits: isFetch,
    act: async (scene) => {
      scene.provider.reply(endlessFailure());
      scene.keep(await scene.client.open?.({ url: scene.url }));
      return '';
    },
  },
  {
    name: 'a stream read by two readers (`tee`)',
    operations: ['stream'],
    expected: 'completed: 200',
    suits: (client) => client !== '@google/genai',
    act: async ({ client, provider, good }) => {
      provider.reply(good);
      const branches = (await client.tee?.({ url: provider.url })) ?? [];
      return (await Promise.all(branches.map((branch) => readAll(branch)))).join(' | ');
    },
  },
  {
    name: "the client's own time-out",
    set: 'timed',
    expected: 'error timeout: no answer, failed',
    act: (scene) => {
      scene.provider.reply({ type: 'hang', when: 'before-headers' });
      return left(scene, read(scene, { timeoutMillis: CLIENT_TIMEOUT_MILLIS }));
    },
  },
  {
    name: "the client's own time-out, 200",
    set: 'timed',
    expected: 'completed: no answer, failed; 200',
    suits: isStainless,
    act: (scene) => {
      scene.provider.reply({ type: 'hang', when: 'before-headers' }, scene.good);
      return read(scene, { timeoutMillis: CLIENT_TIMEOUT_MILLIS, retries: 1 });
    },
  },
  {
    name: "the client's own time-out in the middle",
    set: 'timed',
    expected: 'error timeout: 200 failed',
    // The others' ends with the headers.
    suits: (client) => client === '@google/genai' || isFetch(client),
    act: (scene) => {
      scene.provider.reply(hangsAfter(scene));
      return left(scene, read(scene, { timeoutMillis: CLIENT_TIMEOUT_MILLIS }));
    },
  },
  {
    name: 'an answer that is broken JSON',
    operations: ['generate'],
    expected: 'error generic: 200 failed',
    // Outside full capture nobody looks.
    keptInErrors: false,
    act: (scene) => {
      scene.provider.reply({ type: 'json', body: '{"choices":[{"message":' });
      return read(scene);
    },
  },
  {
    name: 'an event that is broken JSON',
    operations: ['stream'],
    expected: 'completed: 200',
    act: (scene) => {
      scene.provider.reply(wholeStream(scene, 'data: {"choices": [\n\n'));
      return read(scene);
    },
  },
  {
    name: 'a web page with status 200',
    expected: 'error generic: 200 failed',
    act: (scene) => {
      const headers = { 'content-type': 'text/html' };
      scene.provider.reply({ type: 'text', headers, body: '<html><title>Sign in</title></html>' });
      return read(scene);
    },
  },
];

/** Leaves the loop over a stream after one piece. */
async function firstPiece(stream: AsyncIterable<string>): Promise<string> {
  for await (const piece of stream) return piece;
  return '';
}
