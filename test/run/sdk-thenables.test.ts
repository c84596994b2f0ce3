import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { type Capture, withRun, withStep } from '../../src/index.js';
import { anthropicError, message, messageStream } from '../support/anthropic-replies.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

/** The methods of `APIPromise` used here. Both SDKs have a class of that name. */
interface ApiPromise extends Promise<unknown> {
  asResponse(): Promise<Response>;
  withResponse(): Promise<{ data: unknown; response: Response }>;
}

interface Sdk {
  readonly answer: Reply;
  readonly stream: Reply;
  readonly failure: Reply;
  create(url: string, apiKey: string, stream?: boolean): ApiPromise;
}

const SDKS: Record<string, Sdk> = {
  openai: {
    answer: completion('Hello'),
    stream: completionStream('Hello'),
    failure: openaiError(500, null, 'server_error', 'Something broke'),
    create: (url, apiKey, stream = false) =>
      new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 }).chat.completions.create({
        model: 'm',
        messages: [{ role: 'user', content: 'Hi' }],
        stream,
      }),
  },
  anthropic: {
    answer: message('Hello'),
    stream: messageStream('Hello'),
    failure: anthropicError(500, 'api_error', 'Something broke'),
    create: (url, apiKey, stream = false) =>
      new Anthropic({ apiKey, baseURL: url, maxRetries: 0 }).messages.create({
        model: 'm',
        max_tokens: 9,
        messages: [{ role: 'user', content: 'Hi' }],
        stream,
      }),
  },
};

/** A header cannot have a line break, so the client fails before it sends anything. */
const UNSENDABLE = 'a\nb';

type Call = () => ApiPromise;
const ENCLOSINGS: Record<string, (call: Call) => ApiPromise> = {
  withRun: (call) => withRun({}, call),
  'withRun and withStep': (call) => withRun({}, () => withStep({ model: 'm' }, call)),
};

/** Ways to subscribe to a failure. */
const SUBSCRIPTIONS: Record<string, (promise: ApiPromise, callback: () => void) => Promise<unknown>> = {
  catch: (promise, callback) => promise.catch(callback),
  'then with two callbacks': (promise, callback) => promise.then(callback, callback),
  'then and catch': (promise, callback) => promise.then(() => {}).catch(callback),
  finally: (promise, callback) => promise.finally(callback).catch(() => {}),
  await: async (promise, callback) => {
    try {
      await promise;
    } catch {
      callback();
    }
  },
  asResponse: (promise, callback) => promise.asResponse().catch(callback),
  withResponse: (promise, callback) => promise.withResponse().catch(callback),
};

let recording: Recording;
afterEach(() => recording.stop());

const start = async (capture: Capture) => {
  recording = await startRecording({ capture });
};

describe.each(['errors', 'full'] as const)('%s capture', (capture) => {
  beforeEach(() => start(capture));

  describe.each(Object.entries(SDKS))('%s', (_, sdk) => {
    const create = (apiKey = 'none') => sdk.create(recording.provider.url, apiKey);

    describe.each(Object.entries(ENCLOSINGS))('%s', (enclosing, enclose) => {
      test.each(Object.entries(SUBSCRIPTIONS))(
        'a failure before the request is recorded when the callback runs: %s',
        async (_name, subscribe) => {
          let live: number | undefined;
          let shutdown: Promise<void> | undefined;
          const promise = enclose(() => create(UNSENDABLE));
          await subscribe(promise, () => {
            live = recording.handle.stats().liveRuns;
            shutdown = recording.handle.shutdown();
          });
          await shutdown;
          const steps = enclosing === 'withRun' ? [] : [{ status: 'error', attempts: [] }];
          expect(await recording.stop()).toMatchObject([{ status: 'error', error: {}, steps }]);
          expect([live, recording.provider.requests]).toEqual([0, []]);
        },
      );

      test('a failed request is an error of the step and the run', async () => {
        recording.provider.reply(sdk.failure);
        await enclose(() => create()).catch(() => {});
        await recording.handle.shutdown();
        expect(await recording.stop()).toMatchObject([
          { status: 'error', steps: [{ status: 'error', attempts: [{ statusCode: 500 }] }] },
        ]);
      });

      test('a success ends the run at once', async () => {
        recording.provider.reply(sdk.answer);
        await enclose(() => create());
        expect(recording.handle.stats().liveRuns).toBe(0);
        const completed = [{ status: 'completed', steps: [{ status: 'completed' }] }];
        expect(await recording.stop()).toMatchObject(capture === 'full' ? completed : []);
      });
    });
  });
});

describe.each(Object.entries(SDKS))('%s in full capture', (_, sdk) => {
  beforeEach(() => start('full'));
  const create = (stream = false) => sdk.create(recording.provider.url, 'none', stream);

  test.each(Object.entries(ENCLOSINGS))('%s returns the same object', async (_name, enclose) => {
    recording.provider.reply(sdk.answer);
    let made: ApiPromise | undefined;
    let names: string[] = [];
    const returned = enclose(() => {
      made = create();
      names = Object.getOwnPropertyNames(made);
      return made;
    });
    expect(Object.is(returned, made)).toBe(true);
    expect(Object.keys(returned)).toEqual(names);
    expect(await returned).toBe(await returned);
    expect(Object.getOwnPropertyNames(returned).filter((name) => name !== 'parsedPromise')).toEqual(names);
  });

  test('withResponse returns the parsed value and the response, and ends the run', async () => {
    recording.provider.reply(sdk.answer);
    const { data, response } = await withRun({}, () => create()).withResponse();
    expect([data, response.status]).toEqual([expect.objectContaining({ model: expect.any(String) }), 200]);
    expect(recording.handle.stats().liveRuns).toBe(0);
  });

  test('asResponse returns the unread response, and the step ends with its body', async () => {
    recording.provider.reply(sdk.answer);
    const response = await withRun({}, () => withStep({}, () => create())).asResponse();
    expect(response.bodyUsed).toBe(false);
    expect(recording.handle.stats().liveRuns).toBe(1);
    expect(await response.json()).toEqual(expect.objectContaining({ model: expect.any(String) }));
    expect(await recording.stop()).toMatchObject([
      { status: 'completed', steps: [{ status: 'completed', attempts: [{ statusCode: 200 }] }] },
    ]);
  });

  test('a stream keeps the step open until it has been read', async () => {
    recording.provider.reply(sdk.stream);
    const stream = await withRun({}, () => withStep({}, () => create(true)));
    let parts = 0;
    for await (const _part of stream as AsyncIterable<unknown>) parts += 1;
    expect(parts).toBeGreaterThan(1);
    expect(await recording.stop()).toMatchObject([
      { status: 'completed', steps: [{ status: 'completed', operation: 'stream' }] },
    ]);
  });

  test('a promise without subscribers is a step that ends with its request', async () => {
    recording.provider.reply(sdk.answer);
    withRun({}, () => withStep({}, () => create()));
    await recording.provider.arrived();
    expect(await recording.stop()).toMatchObject([{ steps: [{ attempts: [{ number: 1 }] }] }]);
  });
});
