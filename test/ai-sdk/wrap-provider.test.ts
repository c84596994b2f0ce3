import { createOpenAI } from '@ai-sdk/openai';
import {
  createProviderRegistry,
  customProvider,
  generateText,
  type LanguageModelMiddleware,
  streamText,
  wrapLanguageModel,
} from 'ai';
import { chatDebugMiddleware, wrapProvider } from '../../src/ai-sdk/index.js';
import { withRun } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';
import { scriptedModel } from './scripted-model.js';

let recording: Recording;

beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

const steps = async () => (await recording.runs()).flatMap(({ steps }) => steps);

test.each([null, undefined, 'openai'])('%s throws a TypeError', (value) => {
  const given = value === null ? 'null' : typeof value;
  expect(() => wrapProvider(value as unknown as object)).toThrow(
    new TypeError(`wrapProvider expects a provider or a registry of the AI SDK, got ${given}`),
  );
});

test('every way to a language model returns a wrapped one, and other models stay unwrapped', () => {
  const bare = createOpenAI({ apiKey: 'k' });
  const openai = wrapProvider(bare);
  for (const model of [openai('m'), openai.chat('m'), openai.responses('m'), openai.languageModel('m')]) {
    // The methods of a wrapped model are different functions.
    expect(model.doStream).not.toBe(Object.getPrototypeOf(model).doStream);
    expect(model.specificationVersion).toBe('v3');
  }
  for (const model of [
    openai.embedding('m'),
    openai.image('m'),
    openai.speech('m'),
    openai.transcription('m'),
  ]) {
    expect(model).not.toHaveProperty('supportedUrls');
    expect(Reflect.get(model, 'doGenerate')).toBe(Reflect.get(Object.getPrototypeOf(model), 'doGenerate'));
  }
  expect(openai.tools).toBe(bare.tools);
  expect(openai.specificationVersion).toBe('v3');
  expect(() => openai.languageModel.call(openai, 'm')).not.toThrow();
});

test('a registry, and a provider with fixed models', async () => {
  const one = scriptedModel({});
  const provider = wrapProvider(customProvider({ languageModels: { one } }), { chatId: 'c2' });
  expect(provider.languageModel('one')).toBe(provider.languageModel('one'));
  const registry = wrapProvider(
    createProviderRegistry({ mine: customProvider({ languageModels: { one } }) }),
  );
  await withRun({ chatId: 'c1' }, async () => {
    await generateText({ model: provider.languageModel('one'), prompt: 'Hi' });
    await generateText({ model: registry.languageModel('mine:one'), prompt: 'Hi' });
  });
  expect((await steps()).map(({ span }) => span.attributes['gen_ai.conversation.id'])).toEqual(['c2', 'c1']);
});

test('errors of the provider are thrown unchanged', () => {
  const registry = createProviderRegistry({ none: customProvider({}) });
  const wrapped = wrapProvider(registry);
  const errorOf = (call: () => unknown): unknown => {
    try {
      return call();
    } catch (error) {
      return error;
    }
  };
  expect(errorOf(() => wrapped.languageModel('none:model'))).toEqual(
    errorOf(() => registry.languageModel('none:model')),
  );
});

test('a frozen provider can be wrapped', async () => {
  const provider = Object.freeze(Object.assign(() => scriptedModel({}), { chat: () => scriptedModel({}) }));
  const wrapped = wrapProvider(provider);
  await withRun({}, async () => {
    await wrapped().doGenerate({});
    await wrapped.chat().doGenerate({});
  });
  expect(await steps()).toHaveLength(2);
});

test('the middleware records requests and combines with others', async () => {
  const hot: LanguageModelMiddleware = {
    specificationVersion: 'v3',
    transformParams: async ({ params }) => ({ ...params, temperature: 2 }),
  };
  const model = wrapLanguageModel({
    model: scriptedModel({}),
    middleware: [hot, chatDebugMiddleware({ chatId: 'c2' })],
  });
  await withRun({ chatId: 'c1' }, async () => {
    expect((await generateText({ model, prompt: 'Hi' })).text).toBe('Hello');
    expect(await streamText({ model, prompt: 'Hi' }).text).toBe('Hello');
  });
  const attributes = { 'gen_ai.request.temperature': 2, 'gen_ai.conversation.id': 'c2' };
  expect(await steps()).toMatchObject([
    { operation: 'generate', status: 'completed', model: 'script-1', span: { attributes } },
    { operation: 'stream', status: 'completed', model: 'script-1', span: { attributes } },
  ]);
});

test('the middleware states the requested specification version', () => {
  expect(chatDebugMiddleware({ specificationVersion: 'v3' }).specificationVersion).toBe('v3');
});
