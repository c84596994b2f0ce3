import { Writable } from 'node:stream';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { wrapModel } from '../../src/ai-sdk/index.js';
import { withRun, withStep } from '../../src/index.js';
import { messageStream } from '../support/anthropic-replies.js';
import { completionStream } from '../support/openai-replies.js';
import { runs } from '../support/property.js';
import type { Reply } from '../support/provider.js';
import { startRecording } from '../support/recording.js';
import { COPIES } from './undici-copies.js';

/** Calls a model. `chunk` is called after each received part of a stream. */
type Ask = (url: string, signal: AbortSignal, chunk: () => void) => Promise<unknown>;

const REQUEST = {
  method: 'POST' as const,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'm', messages: [], stream: true }),
};
const chat = (url: string): string => `${url}/v1/chat/completions`;

async function drain(body: unknown, chunk: () => void): Promise<void> {
  for await (const _ of body as AsyncIterable<unknown>) chunk();
}

const nodeFetch: Ask = async (url, signal, chunk) =>
  drain((await fetch(chat(url), { ...REQUEST, signal })).body, chunk);

/** The iteration of these SDKs ends without an error: some applications throw the SDK's error, others the reason. */
function goOn(signal: AbortSignal): void {
  if (signal.reason instanceof Error) throw new OpenAI.APIUserAbortError();
  signal.throwIfAborted();
}

const openai: Ask = async (url, signal, chunk) => {
  const client = new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 });
  const params = { model: 'm', messages: [], stream: true as const };
  await drain(await client.chat.completions.create(params, { signal }), chunk);
  goOn(signal);
};

const anthropic: Ask = async (url, signal, chunk) => {
  const client = new Anthropic({ apiKey: 'none', baseURL: url, maxRetries: 0 });
  const params = { model: 'm', max_tokens: 9, messages: [], stream: true as const };
  await drain(await client.messages.create(params, { signal }), chunk);
  goOn(signal);
};

const model = (url: string) => createOpenAI({ apiKey: 'none', baseURL: `${url}/v1` }).chat('m');

const generates =
  (wraps: boolean): Ask =>
  (url, signal) =>
    generateText({
      model: wraps ? wrapModel(model(url)) : model(url),
      prompt: 'Hi',
      maxRetries: 0,
      abortSignal: signal,
    });

const streams =
  (wraps: boolean): Ask =>
  async (url, signal, chunk) => {
    const result = streamText({
      model: wraps ? wrapModel(model(url)) : model(url),
      prompt: 'Hi',
      maxRetries: 0,
      abortSignal: signal,
      onError: () => {},
    });
    await drain(result.textStream, chunk);
    return await result.text;
  };

interface Client {
  readonly name: string;
  readonly ask: Ask;
  readonly stream?: Reply;
  /** Responds without streaming. */
  readonly isWhole?: boolean;
}

const CLIENTS: readonly Client[] = [
  { name: "Node's fetch", ask: nodeFetch },
  { name: 'openai', ask: openai },
  { name: '@anthropic-ai/sdk', ask: anthropic, stream: messageStream('a b c d') },
  { name: 'generateText', ask: generates(false), isWhole: true },
  { name: 'generateText of a wrapped model', ask: generates(true), isWhole: true },
  { name: 'streamText', ask: streams(false) },
  { name: 'streamText of a wrapped model', ask: streams(true) },
  ...COPIES.flatMap(({ name, undici }): Client[] => {
    const dispatcher = new undici.Agent();
    return [
      {
        name: `fetch of ${name}`,
        ask: async (url, signal, chunk) =>
          drain((await undici.fetch(chat(url), { ...REQUEST, signal, dispatcher })).body, chunk),
      },
      {
        name: `request of ${name}`,
        ask: async (url, signal, chunk) =>
          drain((await undici.request(chat(url), { ...REQUEST, signal, dispatcher })).body, chunk),
      },
      {
        name: `stream of ${name}`,
        ask: (url, signal, chunk) => {
          const write = (_: unknown, __: unknown, done: () => void): void => {
            done();
            chunk();
          };
          const sink = () => new Writable({ write });
          return undici.stream(chat(url), { ...REQUEST, signal, dispatcher }, sink);
        },
      },
    ];
  }),
];

const withCode = (error: object): object => Object.assign(error, { code: 'ECONNRESET', syscall: 'read' });

const REASONS: readonly (readonly [name: string, reason: () => unknown])[] = [
  ['none', () => undefined],
  ['null', () => null],
  ['a text', () => 'the user left'],
  ['a text like a time-out', () => 'the request timed out'],
  ['an error', () => new Error('the user left')],
  ['an error of a provider', () => Object.assign(new Error('overloaded'), { status: 529 })],
  ['an error with the code of a transport', () => withCode(new Error('read ECONNRESET'))],
  ['an object', () => ({ left: true })],
  ['an object with a code', () => withCode({})],
];

const SCOPES: readonly (readonly [name: string, call: (ask: () => Promise<unknown>) => Promise<unknown>])[] =
  [
    ['outside of every run', (ask) => ask()],
    ['in a run', (ask) => withRun({}, ask)],
    ['in a step', (ask) => withRun({}, () => withStep({}, ask))],
  ];

const ALL_REASONS = runs(1, 0) === 1;

/** All of them in a step, elsewhere the most different ones: the scope does not change how a reason is read. */
const reasonsIn = (scope: string) =>
  ALL_REASONS || scope === 'in a step' ? REASONS : REASONS.filter((_, at) => at % 3 === 0 || at === 8);

describe.each(CLIENTS)('$name', ({ ask, stream = completionStream('a b c d'), isWhole = false }) => {
  test.each(SCOPES)('an abort is interrupted, regardless of its reason: %s', async (scope, call) => {
    const recording = await startRecording();
    const { provider } = recording;
    const aborted: string[] = [];
    for (const [name, reason] of reasonsIn(scope)) {
      const before = new AbortController();
      provider.reply({ type: 'hang', when: 'before-headers' });
      const next = provider.requests.length;
      const answer = call(() => ask(provider.url, before.signal, () => {}));
      answer.catch(() => {});
      await provider.arrived(next);
      before.abort(reason());
      await Promise.allSettled([answer]);
      aborted.push(`${name}, before the headers`);
      if (isWhole) continue;
      const middle = new AbortController();
      provider.reply({ ...stream, hangAfter: 3 } as Reply);
      await Promise.allSettled([call(() => ask(provider.url, middle.signal, () => middle.abort(reason())))]);
      aborted.push(`${name}, in the middle`);
    }
    const recorded = await recording.stop();
    const statuses = recorded.map(({ status, steps }, at) => [
      aborted[at],
      status,
      ...steps.flatMap((step) => [step.status, ...step.attempts.map((attempt) => attempt.status)]),
    ]);
    expect(statuses).toEqual(aborted.map((one) => [one, 'interrupted', 'interrupted', 'interrupted']));
  });
});
