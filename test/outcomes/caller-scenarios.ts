import { endlessFailure, hangsAfter, wholeStream } from './answers.js';
import { isFetch, isStainless, type Scenario } from './scenario.js';
import { left, opened, read, readAll } from './scene.js';

/** A second: shorter timeouts are not sent to the provider. */
const CLIENT_TIMEOUT_MILLIS = 1_000;

/** Actions of the caller or its client. */
export const CALLER_SCENARIOS: readonly Scenario[] = [
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
    name: 'aborted by the caller during the body',
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
    set: 'abandoned',
    act: async (scene) => {
      scene.provider.reply(hangsAfter(scene));
      const text = firstPiece(await scene.client.stream({ url: scene.url }));
      // Google's client drops the body without closing it.
      return scene.name === '@google/genai' ? text : left(scene, text);
    },
  },
  {
    name: '`break` after the terminal event',
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
    set: 'abandoned',
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
    set: 'abandoned',
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
    set: 'abandoned',
    suits: isFetch,
    act: async (scene) => {
      scene.provider.reply(endlessFailure());
      scene.keep(await scene.client.open?.({ url: scene.url }));
      return '';
    },
  },
  {
    name: 'a stream split with `tee`',
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
    name: "the client's own timeout",
    set: 'timed',
    expected: 'error timeout: no answer, failed',
    act: (scene) => {
      scene.provider.reply({ type: 'hang', when: 'before-headers' });
      return left(scene, read(scene, { timeoutMillis: CLIENT_TIMEOUT_MILLIS }));
    },
  },
  {
    name: "the client's own timeout, 200",
    set: 'timed',
    expected: 'completed: no answer, failed; 200',
    suits: isStainless,
    act: (scene) => {
      scene.provider.reply({ type: 'hang', when: 'before-headers' }, scene.good);
      return read(scene, { timeoutMillis: CLIENT_TIMEOUT_MILLIS, retries: 1 });
    },
  },
  {
    name: "the client's own timeout during the body",
    set: 'timed',
    expected: 'error timeout: 200 failed',
    // The calls of the others end with the headers.
    suits: (client) => client === '@google/genai' || isFetch(client),
    act: (scene) => {
      scene.provider.reply(hangsAfter(scene));
      return left(scene, read(scene, { timeoutMillis: CLIENT_TIMEOUT_MILLIS }));
    },
  },
];

/** Leaves the loop over a stream after one piece. */
async function firstPiece(stream: AsyncIterable<string>): Promise<string> {
  for await (const piece of stream) return piece;
  return '';
}
