import { startRefusingPort } from '../support/loopback.js';
import { endlessFailure, wholeStream } from './answers.js';
import { isStainless, type Scenario } from './scenario.js';
import { read } from './scene.js';

const SOON = { 'retry-after-ms': '1' };

/** Responses of the provider, and faults of the network. */
export const PROVIDER_SCENARIOS: readonly Scenario[] = [
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
      name: `${status}, not retried`,
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
    name: '500 with an unfinished body, 200',
    expected: 'completed: 500 failed; 200',
    // An application that uses fetch only would wait for the body.
    suits: isStainless,
    act: (scene) => {
      scene.provider.reply(endlessFailure(SOON), scene.good);
      return read(scene, { retries: 2 });
    },
  },
  {
    name: '500 on every attempt',
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
      scene.url = (await startRefusingPort()).url;
      return read(scene);
    },
  },
  {
    name: 'connection cut before the headers',
    expected: 'error timeout: no answer, failed',
    act: (scene) => {
      scene.provider.reply({ type: 'cut', when: 'before-headers' });
      return read(scene);
    },
  },
  {
    name: 'connection cut during the body',
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
    name: 'connection cut between events',
    operations: ['stream'],
    expected: 'error timeout: 200 failed',
    act: (scene) => {
      const { stream, beginning } = scene.client.dialect;
      scene.provider.reply({ ...stream, cutAfter: beginning });
      return read(scene);
    },
  },
  {
    name: 'a stream without its terminal event',
    operations: ['stream'],
    expected: 'error timeout: 200 failed',
    act: (scene) => {
      const { stream, beginning } = scene.client.dialect;
      scene.provider.reply({ ...stream, events: stream.events.slice(0, beginning), done: false });
      return read(scene);
    },
  },
  {
    name: 'a response with invalid JSON',
    operations: ['generate'],
    expected: 'error generic: 200 failed',
    act: (scene) => {
      scene.provider.reply({ type: 'json', body: '{"choices":[{"message":' });
      return read(scene);
    },
  },
  {
    name: 'an event with invalid JSON',
    operations: ['stream'],
    expected: 'completed: 200',
    act: (scene) => {
      scene.provider.reply(wholeStream(scene, 'data: {"choices": [\n\n'));
      return read(scene);
    },
  },
  {
    name: 'an HTML page with status 200',
    expected: 'error generic: 200 failed',
    act: (scene) => {
      const headers = { 'content-type': 'text/html' };
      scene.provider.reply({ type: 'text', headers, body: '<html><title>Sign in</title></html>' });
      return read(scene);
    },
  },
];
