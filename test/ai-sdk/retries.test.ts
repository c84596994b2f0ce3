import { createOpenAI } from '@ai-sdk/openai';
import { generateObject, generateText, type LanguageModel, streamObject, streamText } from 'ai';
import { z } from 'zod';
import { wrapModel } from '../../src/ai-sdk/index.js';
import { reuseStep, withRun } from '../../src/index.js';
import { completion, completionStream, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';
import { answer, partsOf, scriptedModel, streamed, textParts } from './scripted-model.js';

let recording: Recording;

beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

const steps = async () => (await recording.runs()).flatMap(({ steps }) => steps);

/** The AI SDK's retryable error. */
const retryable = (message = 'busy') => Object.assign(new Error(message), { isRetryable: true });

/** Fails that many times, then succeeds. */
function failing(times: number, error: () => Error = retryable) {
  let left = times;
  const fails = () => {
    left -= 1;
    if (left >= 0) throw error();
  };
  return scriptedModel({
    generate: () => {
      fails();
      return answer('x');
    },
    stream: () => {
      fails();
      return streamed(textParts('x'));
    },
  });
}

type Method = 'doGenerate' | 'doStream';

/** Calls a model in a retry loop. `prompts` are the prompts of the attempts. */
async function tries(model: ReturnType<typeof scriptedModel>, method: Method, prompts: readonly unknown[]) {
  for (const prompt of prompts) {
    const options = { prompt } as object;
    const result = await model[method](options).catch((): Partial<ReturnType<typeof streamed>> => ({}));
    if (result.stream !== undefined) await partsOf(result.stream);
  }
}

const schema = z.object({ a: z.number() });

const PROMPT = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }];
const WITH_FILE = (byte: number) => [
  { role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: new Uint8Array(9).fill(byte) }] },
];

const CALLS: readonly (readonly [name: string, good: Reply, call: (model: LanguageModel) => unknown])[] = [
  ['generateText', completion('x'), (model) => generateText({ model, prompt: 'Hi' })],
  ['streamText', completionStream('x'), (model) => streamText({ model, prompt: 'Hi' }).consumeStream()],
  ['generateObject', completion('{"a":1}'), (model) => generateObject({ model, schema, prompt: 'Hi' })],
  [
    'streamObject',
    completionStream('{"a":1}'),
    (model) => partsOf(streamObject({ model, schema, prompt: 'Hi' }).partialObjectStream),
  ],
];

test.each(CALLS)('the attempts of %s are one step', async (_, good, call) => {
  const busy = openaiError(500, null, 'server_error', 'busy', { 'retry-after-ms': '1' });
  recording.provider.reply(busy, busy, good);
  const openai = createOpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1` });
  await withRun({}, async () => {
    await call(wrapModel(openai.chat('gpt-4o-mini')));
  });
  expect(await steps()).toMatchObject([
    {
      number: 1,
      status: 'completed',
      error: undefined,
      attempts: [{ statusCode: 500 }, { statusCode: 500 }, { statusCode: 200 }],
    },
  ]);
});

describe.each<Method>(['doGenerate', 'doStream'])('%s', (method) => {
  test.each([
    ['the same prompt object', [PROMPT, PROMPT, PROMPT]],
    ['an equal prompt', [PROMPT, structuredClone(PROMPT), structuredClone(PROMPT)]],
    ['a prompt with the same file', [WITH_FILE(1), WITH_FILE(1), WITH_FILE(1)]],
  ])('a retry with %s joins its step', async (_, prompts) => {
    const model = wrapModel(failing(2));
    await withRun({}, () => tries(model, method, prompts));
    expect(await steps()).toMatchObject([{ number: 1, error: undefined }]);
  });

  test('a call with another prompt is another step', async () => {
    const model = wrapModel(failing(1));
    await withRun({}, () => tries(model, method, [WITH_FILE(1), WITH_FILE(2)]));
    expect(await steps()).toMatchObject([{ status: 'error', error: { detail: 'busy' } }, { number: 2 }]);
  });

  test('a call of another model is a fallback, another step', async () => {
    const first = wrapModel(failing(1));
    await withRun({}, async () => {
      await tries(first, method, [PROMPT]);
      await tries(wrapModel(failing(0)), method, [PROMPT]);
    });
    expect(await steps()).toMatchObject([{ status: 'error' }, { error: undefined }]);
  });

  test('a call in another run is another step', async () => {
    const model = wrapModel(failing(1));
    await withRun({}, async () => {
      await tries(model, method, [PROMPT]);
      await withRun({ kind: 'compaction' }, () => tries(model, method, [PROMPT]));
    });
    expect(await recording.runs()).toMatchObject([
      { steps: [{ status: 'error' }], children: [{ steps: [{ error: undefined }] }] },
    ]);
  });

  test('a call after a final failure is another step', async () => {
    const model = wrapModel(failing(1, () => new Error('final')));
    await withRun({}, () => tries(model, method, [PROMPT, PROMPT]));
    expect(await steps()).toMatchObject([{ status: 'error' }, { error: undefined }]);
  });

  test('a call of the other method is another step', async () => {
    const model = wrapModel(failing(1));
    const other = method === 'doStream' ? 'doGenerate' : 'doStream';
    await withRun({}, async () => {
      await tries(model, method, [PROMPT]);
      await tries(model, other, [PROMPT]);
    });
    expect(await steps()).toHaveLength(2);
  });

  test('a failure without a retry ends with its run and keeps its kind', async () => {
    await withRun({}, () => tries(wrapModel(failing(9)), method, [PROMPT, PROMPT]));
    expect(await steps()).toMatchObject([{ number: 1, status: 'error', error: { detail: 'busy' } }]);
  });

  test('under reuseStep all calls are one step', async () => {
    const model = wrapModel(failing(1, () => new Error('final')));
    await withRun({}, async () => {
      await reuseStep(() => tries(model, method, [PROMPT, WITH_FILE(1)]));
      await tries(model, method, [PROMPT]);
    });
    expect(await steps()).toMatchObject([{ number: 1, error: undefined }, { number: 2 }]);
  });
});

test('parallel calls are distinguished by their prompts', async () => {
  const one = structuredClone(PROMPT);
  const two = structuredClone(PROMPT);
  let calls = 0;
  const model = wrapModel(
    scriptedModel({
      generate: ({ prompt }: { prompt?: unknown }) => {
        calls += 1;
        if (calls <= 2) throw retryable();
        if (prompt === two) throw new Error('two failed');
        return answer('one');
      },
    }),
  );
  await withRun({}, async () => {
    await Promise.all([tries(model, 'doGenerate', [one]), tries(model, 'doGenerate', [two])]);
    await tries(model, 'doGenerate', [two, one]);
  });
  expect(await steps()).toMatchObject([
    { number: 1, status: 'completed' },
    { number: 2, status: 'error', error: { detail: 'two failed' } },
  ]);
});

test('a retry after an interrupted stream is another step', async () => {
  const parts = textParts('x');
  const model = wrapModel(
    scriptedModel({ stream: () => streamed([parts[0], { type: 'error', error: retryable() }]) }),
  );
  await withRun({}, async () => {
    for (let round = 0; round < 2; round++) {
      const result = streamText({ model, prompt: 'Hi', onError: () => {} });
      await result.consumeStream();
    }
  });
  expect(await steps()).toMatchObject([{ status: 'error' }, { status: 'error' }]);
});
