import { createOpenAI } from '@ai-sdk/openai';
import { wrapModel } from '../../src/ai-sdk/index.js';
import { withRun, withStep } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';
import { answer, partsOf, scriptedModel, streamed, textParts, type Version } from './scripted-model.js';

let recording: Recording;

beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

const steps = async () => (await recording.runs()).flatMap(({ steps }) => steps);

/** A model with private fields. */
class PrivateModel {
  readonly specificationVersion = 'v3';
  readonly provider = 'private';
  readonly #secret = 'kept';
  calls = 0;

  get modelId(): string {
    return `model-${this.#secret}`;
  }

  get supportedUrls() {
    return { [this.#secret]: [/./] };
  }

  async doGenerate() {
    this.calls += 1;
    return { ...answer('x'), secret: this.#secret };
  }

  async doStream() {
    const { secret } = await this.doGenerate();
    return { ...streamed(textParts(secret)), secret };
  }

  own(): string {
    return this.#secret;
  }
}

test.each([null, undefined, 'openai/gpt-5', 7])('%s throws a TypeError', (value) => {
  const given = value === null ? 'null' : typeof value;
  const message = `wrapModel expects a model of the AI SDK, got ${given}`;
  expect(() => wrapModel(value as unknown as object)).toThrow(new TypeError(message));
});

test('models of other kinds are returned unchanged', () => {
  const openai = createOpenAI({ apiKey: 'k' });
  const streamingSpeech = { specificationVersion: 'v4', doGenerate() {}, doStream() {} };
  for (const model of [
    openai.embedding('e'),
    openai.image('i'),
    openai.speech('s'),
    openai.transcription('t'),
    streamingSpeech,
  ]) {
    expect(wrapModel(model)).toBe(model);
  }
});

test('getters, private fields and further members stay those of the model', async () => {
  const model = new PrivateModel();
  const wrapped = wrapModel(model, { chatId: 'c' });
  expect(wrapped).toBeInstanceOf(PrivateModel);
  expect(wrapped.constructor).toBe(PrivateModel);
  expect(wrapped.modelId).toBe('model-kept');
  expect(wrapped.supportedUrls).toEqual({ kept: [/./] });
  expect(wrapped.own()).toBe('kept');
  expect(Object.keys(wrapped)).toEqual(Object.keys(model));
  expect(wrapped.doGenerate).toBe(wrapped.doGenerate);
  wrapped.calls = 5;
  await withRun({}, () => wrapped.doStream());
  expect(model.calls).toBe(6);
});

test("a model's calls of its own methods are not steps", async () => {
  const wrapped = wrapModel(new PrivateModel());
  await withRun({}, async () => partsOf((await wrapped.doStream()).stream));
  expect(await steps()).toMatchObject([{ operation: 'stream', status: 'completed', model: 'model-kept' }]);
});

test('a frozen model can be wrapped', async () => {
  const model = Object.freeze(scriptedModel({}));
  const wrapped = wrapModel(model);
  expect({ ...wrapped, doGenerate: 0, doStream: 0 }).toEqual({ ...model, doGenerate: 0, doStream: 0 });
  await withRun({}, () => wrapped.doGenerate({ prompt: [] }));
  expect(await steps()).toMatchObject([{ operation: 'generate', status: 'completed' }]);
});

describe.each<Version>(['v2', 'v3', 'v4'])('specification %s', (version) => {
  test('a call without streaming', async () => {
    const result = answer('Hello', version);
    const wrapped = wrapModel(scriptedModel({ generate: () => result }, version));
    expect(wrapped.specificationVersion).toBe(version);
    const got = await withRun({}, () => wrapped.doGenerate({ prompt: [] }));
    expect(got).toBe(result);
    expect(await steps()).toMatchObject([
      {
        operation: 'generate',
        status: 'completed',
        provider: 'scripted',
        model: 'script-1',
        usage: { inputTokens: 7, outputTokens: 3, reasoningTokens: 1, cacheReadTokens: 2 },
        span: { attributes: { 'gen_ai.response.finish_reasons': ['stop'] } },
      },
    ]);
  });

  test('a stream', async () => {
    const parts = textParts(['Hel', 'lo'], version);
    const result = { ...streamed(parts), request: { body: 'b' }, response: { headers: { a: 'b' } } };
    const wrapped = wrapModel(scriptedModel({ stream: () => result }, version));
    const got: typeof result = await withRun({}, () => wrapped.doStream({ prompt: [] }));
    expect({ ...got, stream: 0 }).toEqual({ ...result, stream: 0 });
    expect(await partsOf(got.stream)).toEqual(parts);
    expect(await steps()).toMatchObject([
      {
        operation: 'stream',
        status: 'completed',
        usage: { inputTokens: 7, outputTokens: 3, reasoningTokens: 1, cacheReadTokens: 2 },
        span: {
          attributes: {
            'chatdebug.stream.parts': 6,
            'chatdebug.stream.text_deltas': 2,
            'gen_ai.response.finish_reasons': ['stop'],
            'gen_ai.response.time_to_first_chunk': expect.any(Number),
          },
        },
      },
    ]);
  });
});

test('options take precedence over those of the run', async () => {
  const options = { chatId: 'c2', ownerId: 'o2', provider: 'mine', model: 'exact' };
  await withRun({ chatId: 'c1', ownerId: 'o1', provider: 'p1', model: 'm1' }, async () => {
    await wrapModel(scriptedModel({}), options).doGenerate({});
    await wrapModel(scriptedModel({})).doGenerate({});
  });
  const [first, second] = await steps();
  expect(first).toMatchObject({ provider: 'mine', model: 'exact' });
  expect(first?.span.attributes).toMatchObject({ 'gen_ai.conversation.id': 'c2', 'user.id': 'o2' });
  expect(second?.span.attributes).toMatchObject({ 'gen_ai.conversation.id': 'c1' });
});

test('invalid options are ignored', async () => {
  const options = { chatId: 7, ownerId: null, model: {} } as unknown as { chatId: string };
  await withRun({ chatId: 'c1' }, () => wrapModel(scriptedModel({}), options).doGenerate({}));
  expect((await steps())[0]).toMatchObject({ model: 'script-1' });
});

test('a call inside an explicit step is part of it', async () => {
  await withRun({}, () => withStep({ model: 'outer' }, () => wrapModel(scriptedModel({})).doGenerate({})));
  expect(await steps()).toMatchObject([{ number: 1, model: 'outer', status: 'completed' }]);
});
