import OpenAI from 'openai';
import { withRun, withStep } from '../../src/index.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());

const REQUEST = 'chatdebug.attempt.request_body';
const RESPONSE = 'chatdebug.attempt.response_body';

/** A failed and a successful attempt in one step. */
async function attributes(rawBodies?: 'all' | 'failed' | 'none') {
  recording = await startRecording(rawBodies === undefined ? {} : { rawBodies });
  recording.provider.reply(
    openaiError(500, null, 'server_error', 'Broken.', { 'retry-after-ms': '1' }),
    completion('A violet walrus.'),
  );
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1` });
  await withRun({}, () =>
    withStep({}, async () => {
      await openai.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'Who?' }] });
    }),
  );
  const [run] = await recording.runs();
  const step = run?.steps[0];
  expect(step?.span.attributes).toMatchObject({
    'gen_ai.input.messages': expect.stringContaining('Who?'),
    'gen_ai.output.messages': expect.stringContaining('A violet walrus.'),
  });
  const attempts = step?.attempts.map(({ event }) => event.attributes) ?? [];
  for (const attempt of attempts) {
    expect(attempt).toMatchObject({
      'chatdebug.attempt.request_body_size': expect.any(Number),
      'chatdebug.attempt.response_body_size': expect.any(Number),
    });
  }
  return attempts;
}

const WITH = { [REQUEST]: expect.stringContaining('Who?'), [RESPONSE]: expect.any(String) };

function isWithoutBodies(attempt: object | undefined): boolean {
  return attempt !== undefined && !(REQUEST in attempt) && !(RESPONSE in attempt);
}

test('by default all attempts have their bodies, beside the messages', async () => {
  expect(await attributes()).toMatchObject([WITH, WITH]);
});

test("rawBodies: 'failed' has those of failed attempts", async () => {
  const [failed, completed] = await attributes('failed');
  expect(failed).toMatchObject({ ...WITH, [RESPONSE]: expect.stringContaining('Broken.') });
  expect(isWithoutBodies(completed)).toBe(true);
});

test("rawBodies: 'none' has none, and the messages", async () => {
  const attempts = await attributes('none');
  expect(attempts.map(isWithoutBodies)).toEqual([true, true]);
});
