import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import OpenAI from 'openai';
import { Agent, RetryAgent, request } from 'undici';
import type { ChatDebugOptions } from '../../src/index.js';
import { COPIES } from '../attempt/undici-copies.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';
import { TEST_TLS } from '../support/tls.js';

type RunFor = NonNullable<ChatDebugOptions['runFor']>;

const RATE_LIMITED = openaiError(429, null, 'rate_limit', 'Slow down', { 'retry-after-ms': '1' });
const BODY = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }] };

let recording: Recording;
let said: string[];
beforeEach(() => {
  said = [];
  const log = (...line: unknown[]) => void said.push(line.join(' '));
  const silent = () => {};
  diag.setLogger(
    { error: log, warn: log, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
});
afterEach(async () => {
  await recording.stop();
  diag.disable();
});

const url = () => `${recording.provider.url}/v1/chat/completions`;

const post = async (user: string) => {
  const headers = { 'content-type': 'application/json', 'x-user': user };
  const response = await fetch(url(), { method: 'POST', headers, body: JSON.stringify(BODY) });
  await response.text();
  return response.status;
};

const sdk = (maxRetries: number) =>
  new OpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1`, maxRetries });

/** For each run its id, its user, its capture, and the status codes of its steps. */
const outline = async () =>
  (await recording.stop())
    .map(({ id, span, steps }) => ({
      id,
      user: span?.attributes['user.id'],
      capture: span?.attributes['chatdebug.capture'],
      steps: steps.map(({ attempts }) => attempts.map(({ statusCode }) => statusCode)),
    }))
    .sort((a, b) => String(a.user).localeCompare(String(b.user)));

// A warning is not repeated within a minute.
const FAILING: [how: string, fails: () => unknown, warning: string][] = [
  [
    'throws',
    () => {
      throw new Error('no user');
    },
    'runFor failed, the run is recorded without a name',
  ],
  [
    'returns options that throw',
    () => ({
      get ownerId() {
        throw new Error('no user');
      },
    }),
    '',
  ],
  [
    'returns a promise that rejects',
    () => Promise.reject(new Error('no user')),
    'runFor returned a promise: expected run options',
  ],
  ['returns something else', () => 'b', ''],
];

test.each(FAILING)('a runFor that %s: the call has a run without a name', async (_, fails, warning) => {
  recording = await startRecording({
    runFor: ((call) => {
      const ownerId = call.header('x-user');
      return ownerId === 'a' ? { ownerId } : fails();
    }) as RunFor,
  });
  recording.provider.reply(RATE_LIMITED, completion('Hello.'));
  expect([await post('a'), await post('b')]).toEqual([429, 200]);
  expect(await outline()).toMatchObject([
    { user: 'a', steps: [[429]] },
    { user: undefined, steps: [[200]] },
  ]);
  expect(said.join()).toContain(warning);
});

test('a runFor that gives two users one runId: the second run is separate', async () => {
  recording = await startRecording({
    runFor: ({ header }) => ({ runId: 'same', ownerId: header('x-user') }),
  });
  recording.provider.reply(RATE_LIMITED, completion('Hello.'));
  await post('a');
  await post('b');
  const runs = await outline();
  expect(runs).toMatchObject([
    { id: 'same', user: 'a', steps: [[429]] },
    { user: 'b', steps: [[200]] },
  ]);
  expect(runs[1]?.id).not.toBe('same');
  expect(said.join()).toContain('two live runs of different owners have the same runId');
});

describe('a runFor with another result for each attempt of a call', () => {
  const ANSWERS = [
    { ownerId: 'a', capture: 'errors' },
    { ownerId: 'b', capture: 'full' },
  ] as const;
  beforeEach(async () => {
    recording = await startRecording({
      runFor: () => ANSWERS[recording.provider.requests.some(({ path }) => path !== '/') ? 1 : 0],
    });
    recording.provider.reply(
      openaiError(429, null, 'odd', 'Odd', { 'retry-after-ms': '1' }),
      completion('Hello.'),
    );
  });

  const viaSdk = () => sdk(1).chat.completions.create(BODY);
  const viaDispatcher = async () => {
    const dispatcher = new RetryAgent(new Agent(), { minTimeout: 1, maxTimeout: 1, methods: ['POST'] });
    const ask = async (path: string, body: string) => {
      const headers = { 'content-type': 'application/json' };
      const options = { method: 'POST', headers, body, dispatcher } as const;
      await (await request(recording.provider.url + path, options)).body.text();
    };
    recording.provider.route(({ path }) => (path === '/' ? { type: 'json', body: {} } : undefined));
    // Their owner is known from the first connection on.
    await ask('/', '{}');
    await ask('/v1/chat/completions', JSON.stringify(BODY));
    await dispatcher.close();
  };

  test.each([
    ['an SDK', viaSdk],
    ['a dispatcher', viaDispatcher],
  ])('each attempt of %s is recorded by its own result', async (_, call) => {
    await call();
    const runs = await outline();
    expect(runs.filter(({ user }) => user === 'b')).toMatchObject([{ capture: 'full', steps: [[200]] }]);
    expect(runs.flatMap(({ user, steps }) => (user === 'b' ? [] : steps.flat()))).not.toContain(200);
    const { started, kept, dropped } = recording.handle.stats().runs;
    expect([started, kept, dropped.no_evidence ?? 0]).toEqual([2, runs.length, 2 - runs.length]);
  });
});

describe.each(COPIES)('HTTP/2 with $name', ({ undici }) => {
  test('runFor gets the headers of each request', async () => {
    recording = await startRecording({ runFor: ({ header }) => ({ ownerId: header('X-User') }) });
    const server = createSecureServer(TEST_TLS, (incoming, response) => {
      incoming.resume().on('end', () => response.writeHead(429, { 'retry-after-ms': '1' }).end('{}'));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const dispatcher = new undici.Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
    for (const user of ['a', 'b', 'c']) {
      const headers = { 'content-type': 'application/json', 'x-user': user };
      const options = { method: 'POST', headers, body: JSON.stringify(BODY), dispatcher } as const;
      await (await undici.request(`https://127.0.0.1:${port}/v1/chat/completions`, options)).body.text();
    }
    await dispatcher.close();
    server.close();
    expect(await outline()).toMatchObject(['a', 'b', 'c'].map((user) => ({ user, steps: [[429]] })));
  });
});
