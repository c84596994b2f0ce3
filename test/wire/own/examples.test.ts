import { type ChatDebugOptions, withRun } from '../../../src/index.js';
import { codeBlocks, read } from '../../docs/pages.js';
import { completion } from '../../support/openai-replies.js';
import { type Recording, startRecording } from '../../support/recording.js';

/** The options in each example of the page, verbatim. */
const EXAMPLES = codeBlocks('js', read('docs/formats.md')).map((code) => {
  let options: ChatDebugOptions = {};
  const take = (given: ChatDebugOptions) => {
    options = given;
  };
  new Function('startChatDebug', code.replace(/^import .*$/gm, ''))(take);
  return options;
});
const [gateway = {}, inHouse = {}, unknown = {}] = EXAMPLES;

let recording: Recording;
afterEach(() => recording.stop());

/** Reaches the loopback provider by a host name of the examples, which see the request line only. */
const asIf = (options: ChatDebugOptions, hostname: string): ChatDebugOptions => ({
  ...options,
  ...(options.formats && {
    formats: options.formats.map((one) => ({
      ...one,
      match: (request) => one.match({ ...request, hostname }),
    })),
  }),
  ...(options.recordUnknown && {
    recordUnknown: (request) => options.recordUnknown?.({ ...request, hostname }) === true,
  }),
});

const post = async (path: string, body: object) => {
  const init = { method: 'POST', body: JSON.stringify(body) };
  return (await fetch(recording.provider.url + path, init)).text();
};

const steps = async () => (await recording.stop()).flatMap((run) => run.steps);

test('a gateway with a known format', async () => {
  recording = await startRecording(asIf(gateway, 'llm.acme.example'));
  const usage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
  recording.provider.reply(completion('They pounce.', { usage }));
  await post('/v2/generate', { model: 'm-1', messages: [] });
  expect(await steps()).toMatchObject([
    { provider: 'acme-gateway', model: 'm-1', usage: { inputTokens: 7, outputTokens: 5 } },
  ]);
});

test('an endpoint with its own body format', async () => {
  recording = await startRecording(inHouse);
  recording.provider.reply({ type: 'json', body: { answer: 'They pounce.', reason: 'done', tokens: 4 } });
  await post('/answer', { question: 'How do foxes hunt?' });
  const [step] = await steps();
  expect(step).toMatchObject({ provider: 'in-house', model: 'fox-1', usage: { outputTokens: 4 } });
  expect(step?.span.attributes['gen_ai.input.messages']).toContain('How do foxes hunt?');
  expect(step?.span.attributes['gen_ai.output.messages']).toContain('They pounce.');
});

test('requests to unknown endpoints', async () => {
  recording = await startRecording(asIf(unknown, 'a.models.acme.example'));
  recording.provider.reply({ type: 'json', body: { answer: 'They pounce.' } });
  await withRun({}, () => post('/any', { model: 'fox-1' }));
  expect(await steps()).toMatchObject([{ model: 'fox-1', status: 'completed' }]);
});
