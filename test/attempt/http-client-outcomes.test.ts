import { type Reply, type ScriptedProvider, startProvider } from '../support/provider.js';
import { startRecording } from '../support/recording.js';
import { HTTP_CLIENTS, type HttpClient } from './http-clients.js';
import { type Outcome, outcomeOf } from './record.js';

interface Case {
  readonly name: string;
  readonly replies: (client: HttpClient) => readonly Reply[];
  readonly call: (client: HttpClient, provider: ScriptedProvider) => Promise<unknown>;
  /** One run for each. */
  readonly steps: (client: HttpClient) => readonly object[];
}

const failing = (status: number): Reply => ({
  type: 'json',
  status,
  headers: { 'retry-after-ms': '1' },
  body: { error: { type: 'server_error', message: 'too busy' } },
});
const cutStream = (reply: Reply): Reply => (reply.type === 'sse' ? { ...reply, cutAfter: 2 } : reply);

const COMPLETED = { status: 'completed', error: undefined, model: expect.stringMatching(/gpt|claude/) };
const INTERRUPTED = { status: 'interrupted', error: undefined };
const ok = { status: 'completed', statusCode: 200 };

const CASES: readonly Case[] = [
  {
    name: 'an answer',
    replies: ({ whole }) => [whole],
    call: (client, { url }) => client.ask(url),
    steps: () => [{ ...COMPLETED, attempts: [ok] }],
  },
  {
    name: 'a stream',
    replies: ({ stream }) => [stream],
    call: (client, { url }) => client.askStream(url, 'all'),
    steps: () => [{ ...COMPLETED, attempts: [ok] }],
  },
  {
    name: '429',
    replies: () => [failing(429)],
    call: (client, { url }) => client.ask(url),
    steps: () => [
      {
        status: 'error',
        error: { kind: 'rate_limit', detail: 'too busy', providerStatus: 429, retryAfterMillis: 1 },
        attempts: [{ status: 'failed', statusCode: 429, errorMessage: 'too busy', retryAfterMillis: 1 }],
      },
    ],
  },
  {
    name: '401 for a stream',
    replies: () => [failing(401)],
    call: (client, { url }) => client.askStream(url, 'all'),
    steps: () => [
      { status: 'error', error: { kind: 'auth' }, attempts: [{ status: 'failed', statusCode: 401 }] },
    ],
  },
  {
    name: '500, 503, then a response',
    replies: ({ whole }) => [failing(500), failing(503), whole],
    call: async (client, { url }) => {
      if (client.retries) return client.ask(url, { maxRetries: 2 });
      await outcomeOf(() => client.ask(url));
      await outcomeOf(() => client.ask(url));
      return client.ask(url);
    },
    // By the count of the SDK, or by the same body after the delay of the provider.
    steps: () => {
      const failed = (statusCode: number) => ({ status: 'failed', statusCode });
      return [{ ...COMPLETED, attempts: [failed(500), failed(503), ok] }];
    },
  },
  {
    name: 'a cut before the headers',
    replies: () => [{ type: 'cut', when: 'before-headers' }],
    call: (client, { url }) => client.ask(url),
    steps: () => [
      {
        status: 'error',
        error: { kind: 'timeout', type: 'ECONNRESET' },
        attempts: [{ status: 'failed', statusCode: undefined, errorType: 'ECONNRESET' }],
      },
    ],
  },
  {
    name: 'a cut in a stream',
    replies: ({ stream }) => [cutStream(stream)],
    call: (client, { url }) => client.askStream(url, 'all'),
    steps: () => [
      {
        status: 'error',
        error: { kind: 'timeout', type: 'ECONNRESET' },
        attempts: [{ status: 'failed', statusCode: 200, errorType: 'ECONNRESET' }],
      },
    ],
  },
  {
    name: 'an abort before the headers',
    replies: () => [{ type: 'hang', when: 'before-headers' }],
    call: async (client, provider) => {
      const controller = new AbortController();
      const asked = client.ask(provider.url, { signal: controller.signal });
      await Promise.race([provider.arrived(provider.requests.length), asked]);
      controller.abort();
      return asked;
    },
    steps: () => [{ ...INTERRUPTED, attempts: [{ status: 'interrupted', statusCode: undefined }] }],
  },
  {
    name: 'an abort in a stream',
    replies: ({ stream }) => [stream],
    call: (client, { url }) => {
      const controller = new AbortController();
      return client.askStream(url, 'all', () => controller.abort(), { signal: controller.signal });
    },
    steps: () => [{ ...INTERRUPTED, attempts: [{ status: 'interrupted', statusCode: 200 }] }],
  },
  {
    name: 'a stream that its reader leaves',
    replies: ({ stream }) => [stream],
    call: (client, { url }) => client.askStream(url, 'first'),
    steps: () => [{ ...INTERRUPTED, attempts: [{ status: 'interrupted', statusCode: 200 }] }],
  },
  {
    name: 'a timeout of the client',
    replies: () => [{ type: 'hang', when: 'before-headers' }],
    call: (client, { url }) => client.ask(url, { timeoutMillis: 200 }),
    // These SDKs abort, and state the timeout in whole seconds at best. The others state the reason.
    steps: ({ retries }) =>
      retries
        ? [{ ...INTERRUPTED, attempts: [{ status: 'interrupted', statusCode: undefined }] }]
        : [{ status: 'error', error: { kind: 'timeout' }, attempts: [{ status: 'failed' }] }],
  },
];

const TABLE = HTTP_CLIENTS.flatMap((client) =>
  CASES.map((row) => ({ client, row, title: `${client.name}: ${row.name}` })),
);

test.each(TABLE)('$title', async ({ client, row }) => {
  const play = async (provider: ScriptedProvider) => {
    provider.reply(...row.replies(client));
    return said(await outcomeOf(() => row.call(client, provider)));
  };
  const provider = await startProvider();
  const unrecorded = await play(provider);
  await provider.close();
  const recording = await startRecording();
  expect(await play(recording.provider)).toEqual(unrecorded);
  const runs = await recording.stop();
  const steps = row.steps(client);
  expect(runs).toMatchObject(
    steps.map((step) => ({
      kind: 'chat_turn',
      stepCount: 1,
      steps: [{ number: 1, provider: client.provider, ...step }],
    })),
  );
  const attempts = runs.flatMap((run) => run.steps.flatMap((step) => step.attempts));
  for (const { event, path, requestBody } of attempts) {
    expect([path, requestBody]).toEqual([client.path, expect.stringMatching(/"content": ?"Hello"/)]);
    expect(event.attributes).not.toHaveProperty('chatdebug.attempt.bodies');
  }
});

/** What the application saw, for comparison. */
function said(outcome: Outcome<unknown>): unknown {
  if ('value' in outcome) return { value: outcome.value };
  const { name, message, code } = Object(outcome.error);
  return { name, message, code };
}
