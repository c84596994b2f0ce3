import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { wrapModel } from '../../src/ai-sdk/index.js';
import { attachClassification, startRun, withRun, withStep } from '../../src/index.js';
import { completion, completionStream, openaiError, rateLimited } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());

const UNAUTHORIZED = openaiError(401, 'invalid_api_key', 'invalid_request_error', 'Incorrect API key');
const BROKEN = openaiError(500, null, 'server_error', 'Something broke');
const REFUSED = rateLimited(1);

const openai = () => new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
const ask = (model = 'm') => openai().chat.completions.create({ model, messages: [] });
const sdkModel = () => createOpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1` }).chat('m');

async function textOfStream(model = sdkModel()): Promise<string> {
  return await streamText({ model, prompt: 'Hi', maxRetries: 0, onError: () => {} }).text;
}

/** Ways to use `streamText`, which throws an error without a cause if its call failed. */
const STREAM_TEXT: readonly (readonly [name: string, call: () => Promise<unknown>])[] = [
  ['in a run', () => textOfStream()],
  ['of a wrapped model', () => textOfStream(wrapModel(sdkModel()))],
  ['in a step', () => withStep({}, () => textOfStream())],
  ['in a run inside the run', () => withRun({ kind: 'quickgen' }, () => textOfStream())],
];

describe.each(STREAM_TEXT)('streamText %s', (_, call) => {
  test.each([
    ['429', REFUSED],
    ['401', UNAUTHORIZED],
  ])('refused with %s leaves nothing in errors capture', async (_, reply) => {
    recording = await startRecording({ capture: 'errors' });
    recording.provider.reply(reply);
    await expect(withRun({}, call)).rejects.toMatchObject({ name: 'AI_NoOutputGeneratedError' });
    expect(await recording.stop()).toEqual([]);
    expect(recording.handle.stats().runs).toMatchObject({ kept: 0, undecided: 0 });
  });

  test('failed with 500: the run has the error of its step and represents one failure', async () => {
    recording = await startRecording({ capture: 'errors' });
    recording.provider.reply(BROKEN);
    await expect(withRun({}, call)).rejects.toMatchObject({ name: 'AI_NoOutputGeneratedError' });
    const [run] = await recording.stop();
    const step = run?.steps[0] ?? run?.children[0]?.steps[0];
    expect(step?.error).toMatchObject({ kind: 'generic', type: 'server_error' });
    expect(run).toMatchObject({ status: 'error', error: step?.error });
    expect(recording.handle.stats().keptBudget).toMatchObject({ fingerprints: 1, unrepresented: 0 });
  });
});

interface Case {
  readonly replies: readonly Reply[];
  /** The function of the run, with the error of its first call. */
  readonly act: (failed: unknown) => unknown;
  /** The run's error kind, if it has that of the step. */
  readonly kind?: string;
  /** The `error.type` of the run, if it failed by itself. */
  readonly own?: string;
}

const noOutput = (): Error => Object.assign(new Error('no output'), { name: 'AI_NoOutputGeneratedError' });
const rethrow = (error: unknown) => {
  throw error;
};

const CASES: Readonly<Record<string, Case>> = {
  'the same error': { replies: [REFUSED], act: rethrow, kind: 'rate_limit' },
  'an error with it as its cause': {
    replies: [REFUSED],
    act: (cause) => rethrow(new Error('the chat failed', { cause: new Error('the call failed', { cause }) })),
    kind: 'rate_limit',
  },
  'an aggregate with it': {
    replies: [BROKEN],
    act: (error) => rethrow(new AggregateError([new Error('x'), error])),
    kind: 'generic',
  },
  'an error of a retry loop': {
    replies: [UNAUTHORIZED],
    act: (lastError) => rethrow(Object.assign(new Error('tried twice'), { lastError })),
    kind: 'auth',
  },
  'an error without a cause': { replies: [REFUSED], act: () => rethrow(noOutput()), kind: 'rate_limit' },
  'a programming error of its own': {
    replies: [REFUSED],
    act: () => rethrow(new TypeError('x is not a function')),
    own: 'TypeError',
  },
  'an error of its own': { replies: [REFUSED], act: () => rethrow(new Error('no rows')), own: 'Error' },
  'an error without a cause, after a fallback': {
    replies: [REFUSED, completion('Hi')],
    act: async () => {
      await ask('fallback');
      throw noOutput();
    },
    own: 'AI_NoOutputGeneratedError',
  },
  'the same error, after a fallback': {
    replies: [REFUSED, completion('Hi')],
    act: async (error) => {
      await ask('fallback');
      throw error;
    },
    kind: 'rate_limit',
  },
};

describe.each(Object.entries(CASES))('a run that throws %s', (_, { replies, act, kind, own }) => {
  const turns: readonly (readonly [string, () => unknown])[] = [
    ['judged from the wire', () => ask().catch(act)],
    ['enclosed by `withStep`', () => withStep({}, async () => void (await ask())).catch(act)],
    [
      'told by `step.fail`',
      async () => {
        const error = await withStep({}, (step) =>
          ask().catch((error: unknown) => {
            step.fail(error);
            return error;
          }),
        );
        return act(error);
      },
    ],
  ];

  test.each(turns)('after a step %s', async (_, turn) => {
    recording = await startRecording();
    recording.provider.reply(...replies);
    await withRun({}, async () => await turn()).catch(() => {});
    const [run] = await recording.stop();
    const failed = run?.steps[0];
    expect(failed?.status).toBe('error');
    expect(run?.status).toBe('error');
    if (own !== undefined) expect(run?.error).toMatchObject({ kind: 'generic', type: own });
    else {
      expect(failed?.error?.kind).toBe(kind);
      expect(run?.error).toEqual(failed?.error);
    }
  });
});

test('a call aborted with the error of another: the run has the other error', async () => {
  recording = await startRecording();
  const { provider } = recording;
  provider.reply({ type: 'hang', when: 'before-headers' }, BROKEN);
  const turn = async () => {
    const controller = new AbortController();
    const url = `${provider.url}/v1/chat/completions`;
    const aborted = fetch(url, { method: 'POST', body: '{}', signal: controller.signal });
    await provider.arrived();
    const failed = ask().catch((error: unknown) => {
      controller.abort(error);
      throw error;
    });
    await Promise.all([aborted, failed]);
  };
  await expect(withRun({}, turn)).rejects.toMatchObject({ status: 500 });
  const [run] = await recording.stop();
  expect(run?.steps).toMatchObject([{ status: 'interrupted' }, { status: 'error' }]);
  expect(run).toMatchObject({ status: 'error', error: { kind: 'generic', type: 'server_error' } });
});

test('an error that the application classified stays the error of the run', async () => {
  recording = await startRecording();
  recording.provider.reply(REFUSED);
  const turn = () =>
    ask().catch((cause: unknown) =>
      rethrow(attachClassification(new Error('no model left', { cause }), { kind: 'config' })),
    );
  await withRun({}, turn).catch(() => {});
  const [run] = await recording.stop();
  expect(run).toMatchObject({ error: { kind: 'config' }, steps: [{ error: { kind: 'rate_limit' } }] });
});

test('`run.fail` recognises a consequence as well', async () => {
  recording = await startRecording({ capture: 'errors' });
  recording.provider.reply(REFUSED);
  const run = startRun({});
  await run.with(() => textOfStream()).catch((error: unknown) => run.fail(error));
  run.end();
  expect(await recording.stop()).toEqual([]);
});

test('a retry loop of the AI SDK that gives up', async () => {
  recording = await startRecording();
  recording.provider.reply(REFUSED);
  const turn = () => generateText({ model: sdkModel(), prompt: 'Hi', maxRetries: 1 });
  await expect(withRun({}, turn)).rejects.toMatchObject({ name: 'AI_RetryError' });
  const [run] = await recording.stop();
  expect(run?.steps).toMatchObject([{ attempts: [{ statusCode: 429 }, { statusCode: 429 }] }]);
  expect(run?.error).toEqual(run?.steps[0]?.error);
});

const WIRE_SAID: readonly (readonly [string, Reply, status: string, run: string])[] = [
  [
    'an error event',
    {
      type: 'sse',
      events: [
        ...completionStream('a b').events.slice(0, 2),
        { data: { error: { message: 'Something broke', type: 'server_error', code: null } } },
      ],
      hangAfter: 3,
    },
    'error',
    'error',
  ],
  [
    'the terminal event',
    { ...completionStream('a b'), done: true, hangAfter: 6 } as Reply,
    'completed',
    'interrupted',
  ],
];

test.each(WIRE_SAID)('an abort with a text as the reason after %s', async (_, reply, status, runStatus) => {
  recording = await startRecording();
  const { provider } = recording;
  provider.reply(reply);
  const call = async () => {
    const controller = new AbortController();
    const body = JSON.stringify({ model: 'm', messages: [], stream: true });
    const url = `${provider.url}/v1/chat/completions`;
    const response = await fetch(url, { method: 'POST', body, signal: controller.signal });
    let got = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      got += Buffer.from(chunk).toString();
      if (got.includes('Something broke') || got.includes('[DONE]')) controller.abort('the user left');
    }
  };
  await expect(withRun({}, () => withStep({}, call))).rejects.toBe('the user left');
  await expect(withRun({}, call)).rejects.toBe('the user left');
  const runs = await recording.stop();
  expect(runs.map((run) => [run.status, run.steps.map((step) => step.status)])).toEqual([
    [runStatus, [status]],
    [runStatus, [status]],
  ]);
  if (status === 'error') expect(runs[0]?.error).toEqual(runs[0]?.steps[0]?.error);
});
