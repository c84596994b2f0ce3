import { wrapModel } from '../../src/ai-sdk/index.js';
import { withRun } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';
import { answer, partsOf, scriptedModel, streamed, textParts } from './scripted-model.js';

let recording: Recording;

beforeEach(async () => {
  recording = await startRecording({ capture: 'errors' });
});
afterEach(() => recording.stop());

/** An object that counts how often its members are read. */
function counting(members: object) {
  const counts = { reads: 0 };
  const counted = Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(members).map(([name, value]) => [
        name,
        {
          enumerable: true,
          get: () => {
            counts.reads += 1;
            return value;
          },
        },
      ]),
    ),
  );
  return { counts, counted };
}

test('a successful call is not written, and only the types of its parts are read', async () => {
  const options = counting({ prompt: [], tools: [], providerOptions: {} });
  const result = counting({ content: [], usage: {}, finishReason: 'stop' });
  const delta = counting({ delta: 'secret' });
  const parts = textParts('').map((part) =>
    'delta' in part ? Object.assign(delta.counted, { type: 'text-delta' }) : part,
  );
  const model = wrapModel(scriptedModel({ generate: () => result.counted, stream: () => streamed(parts) }));
  await withRun({}, async () => {
    await model.doGenerate(options.counted);
    const { stream }: ReturnType<typeof streamed> = await model.doStream(options.counted);
    await partsOf(stream);
  });
  expect([options.counts.reads, result.counts.reads, delta.counts.reads]).toEqual([0, 0, 0]);
  expect(await recording.spans()).toEqual([]);
});

test('an unclassified error keeps its step without content', async () => {
  const error = new Error('it broke');
  const model = wrapModel(
    scriptedModel({ stream: () => streamed([...textParts('secret').slice(0, 3), { type: 'error', error }]) }),
  );
  await withRun({ chatId: 'c' }, async () => {
    const prompt = [{ role: 'user', content: [{ type: 'text', text: 'secret' }] }];
    const options: object = { prompt, temperature: 1 };
    const { stream }: ReturnType<typeof streamed> = await model.doStream(options);
    await partsOf(stream);
    await wrapModel(scriptedModel({ generate: () => answer('secret') })).doGenerate(options);
  });
  const [run] = await recording.runs();
  expect(run?.steps).toMatchObject([{ number: 1, status: 'error', error: { kind: 'generic' }, usage: {} }]);
  const attributes = Object.keys(run?.steps[0]?.span.attributes ?? {});
  expect(attributes).toContain('gen_ai.response.time_to_first_chunk');
  expect(attributes.filter((name) => /messages|temperature|finish|parts/.test(name))).toEqual([]);
  expect(
    JSON.stringify(await recording.spans(), (_, value) => (typeof value === 'bigint' ? '' : value)),
  ).not.toContain('secret');
});

test('an error of another kind and an abort keep nothing', async () => {
  const rateLimited = Object.assign(new Error('Rate limit reached'), { statusCode: 429 });
  const controller = new AbortController();
  const options: object = { abortSignal: controller.signal };
  await withRun({}, async () => {
    const failing = wrapModel(scriptedModel({ generate: () => Promise.reject(rateLimited) }));
    await failing.doGenerate({}).catch(() => {});
    await wrapModel(scriptedModel({ stream: () => ({ stream: new ReadableStream() }) })).doStream(options);
    controller.abort(new Error('user left'));
  });
  expect(await recording.spans()).toEqual([]);
  expect(recording.handle.stats().liveRuns).toBe(0);
});
