import { generateText } from 'ai';
import { wrapModel } from '../../src/ai-sdk/index.js';
import { withRun } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';
import { answer, partsOf, scriptedModel, streamed, textParts } from './scripted-model.js';

let recording: Recording;

beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

const steps = async () => (await recording.runs()).flatMap(({ steps }) => steps);
const broken = Object.freeze(new Error('thrown at once'));

test.each(['doGenerate', 'doStream'] as const)('%s that throws synchronously', async (method) => {
  const model = {
    ...scriptedModel({}),
    [method]: () => {
      throw broken;
    },
  };
  await withRun({}, () => {
    expect(() => wrapModel(model)[method]({})).toThrow(broken);
  });
  expect(await steps()).toMatchObject([{ status: 'error', error: { detail: 'thrown at once' } }]);
});

class ApiPromise<T> extends Promise<T> {}

test('a model that returns a value instead of a promise, or its own kind of promise, works unchanged', async () => {
  for (const result of [answer('x'), ApiPromise.resolve(answer('x'))]) {
    const model = { ...scriptedModel({}), doGenerate: () => result };
    await withRun({}, async () => {
      expect(await wrapModel(model).doGenerate()).toEqual(answer('x'));
    });
  }
  expect(await steps()).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
});

test('a model that changes its options: the options are recorded as they were passed', async () => {
  const model = scriptedModel({
    generate: (options) => {
      const changed = options as { prompt: { content: unknown }[]; temperature: number };
      changed.temperature = 0;
      for (const message of changed.prompt) message.content = 'changed';
      changed.prompt.push({ content: 'added' });
      return answer('x');
    },
  });
  await withRun({}, () => generateText({ model: wrapModel(model), prompt: 'As it was', temperature: 1 }));
  expect((await steps())[0]?.span.attributes).toMatchObject({
    'gen_ai.request.temperature': 1,
    'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"As it was"}]}]',
  });
});

test('usage of NaN and invalid parts are ignored', async () => {
  const usage = { inputTokens: { total: Number.NaN }, outputTokens: { total: Number.POSITIVE_INFINITY } };
  const parts = [null, 7, 'x', {}, { type: 'hologram' }, { type: 7 }, { type: 'finish', usage }];
  const model = wrapModel(scriptedModel({ stream: () => streamed(parts) }));
  await withRun({}, async () => {
    const { stream }: ReturnType<typeof streamed> = await model.doStream({});
    expect(await partsOf(stream)).toEqual(parts);
  });
  const [step] = await steps();
  expect(step).toMatchObject({ status: 'completed', usage: {} });
  expect(step?.span.attributes['chatdebug.stream.parts']).toBe(7);
  expect(step?.span.attributes['gen_ai.output.messages']).toContain('"type":"hologram"');
});

test('an invalid or locked stream is returned unchanged', async () => {
  const read = new ReadableStream();
  read.getReader();
  for (const stream of ['no stream', read]) {
    const result = { stream };
    const model = wrapModel(scriptedModel({ stream: () => result }));
    await withRun({}, async () => expect(await model.doStream({})).toBe(result));
  }
  expect(await steps()).toHaveLength(2);
});

test('throwing getters do not affect the application', async () => {
  const hostile = (name: string) =>
    Object.defineProperty({}, name, {
      enumerable: true,
      get: () => {
        throw new Error('hostile');
      },
    });
  const parts = [hostile('type'), hostile('delta'), ...textParts('x')];
  const bare = scriptedModel({ generate: () => hostile('content'), stream: () => streamed(parts) });
  const model = wrapModel(bare);
  await withRun({}, async () => {
    await model.doGenerate(hostile('prompt'));
    const { stream }: ReturnType<typeof streamed> = await model.doStream(hostile('abortSignal'));
    expect(await partsOf(stream)).toHaveLength(parts.length);
    const named = wrapModel(Object.defineProperty(scriptedModel({}), 'modelId', { get: () => hostile('x') }));
    await expect(named.doGenerate({})).resolves.toBeDefined();
  });
  // None of them keeps the run open or is lost.
  expect(recording.handle.stats().liveRuns).toBe(0);
  expect(await steps()).toHaveLength(3);
});

test('a result with getters keeps them', async () => {
  class Result {
    readonly stream = streamed(textParts('x')).stream;
    get request() {
      return { body: 'b' };
    }
  }
  const model = wrapModel(scriptedModel({ stream: () => Object.freeze(new Result()) }));
  await withRun({}, async () => {
    const result: Result = await model.doStream({});
    expect(result).toBeInstanceOf(Result);
    expect(result.request).toEqual({ body: 'b' });
    await partsOf(result.stream);
  });
  expect(await steps()).toMatchObject([{ status: 'completed' }]);
});
