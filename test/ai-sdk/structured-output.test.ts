import { createOpenAI } from '@ai-sdk/openai';
import { generateObject, generateText, type LanguageModel, Output, streamObject, streamText } from 'ai';
import { z } from 'zod';
import { wrapModel } from '../../src/ai-sdk/index.js';
import { withRun } from '../../src/index.js';
import { completion, completionStream } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';
import { partsOf } from './scripted-model.js';

let recording: Recording;

beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

const schema = z.object({ city: z.string() });
const OBJECT = '{"city":"Ghent"}';
const ASKED = { prompt: 'Which city?' };

type Call = (model: LanguageModel) => Promise<unknown>;

const CALLS: readonly (readonly [name: string, call: Call])[] = [
  ['generateObject', async (model) => (await generateObject({ model, schema, ...ASKED })).object],
  [
    'generateText with Output',
    async (model) => (await generateText({ model, output: Output.object({ schema }), ...ASKED })).output,
  ],
  [
    'streamObject',
    async (model) => (await partsOf(streamObject({ model, schema, ...ASKED }).partialObjectStream)).at(-1),
  ],
  [
    'streamText with Output',
    (model) => Promise.resolve(streamText({ model, output: Output.object({ schema }), ...ASKED }).output),
  ],
];

test.each(CALLS)('only the length of %s is recorded', async (name, call) => {
  recording.provider.reply(name.startsWith('stream') ? completionStream(OBJECT) : completion(OBJECT));
  const model = createOpenAI({ apiKey: 'k', baseURL: `${recording.provider.url}/v1` }).chat('gpt-4o-mini');
  expect(await withRun({}, () => call(wrapModel(model)))).toEqual({ city: 'Ghent' });
  const [step] = (await recording.stop())[0]?.steps ?? [];
  expect(step).toMatchObject({ status: 'completed', attemptCount: 1 });
  expect(step?.span.attributes).toMatchObject({
    'gen_ai.output.type': 'json',
    'chatdebug.response.text_length': OBJECT.length,
    'gen_ai.output.messages': '[{"role":"assistant","parts":[],"finish_reason":"stop"}]',
  });
});
