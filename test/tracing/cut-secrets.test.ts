import OpenAI from 'openai';
import { withRun } from '../../src/index.js';
import { completion } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

/** The beginning of each is too short to be recognised. */
const SECRETS = [
  'ghp_Qz0123456789abcdef0123456789abcdef01',
  'postgres://me:Qz0123456789@db.example/x',
  'EMP-Qz9876',
];

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording({ redactPatterns: [/\bEMP-Qz\d{4}\b/] });
});
afterEach(() => recording.stop());

/** Words and each secret once, with the bound inside the secret. */
function across(bound: number, words = 'words '): string[] {
  return SECRETS.map((secret) => {
    const before = words.repeat(bound / 6 + 1).slice(0, bound - secret.indexOf('Qz') - 5);
    return `${before} ${secret} and more`;
  });
}

async function sent(): Promise<string> {
  await recording.spans();
  return String(recording.receiver.bodies);
}

test.each([
  [200, 'words '],
  [2_000, '      '],
])('no half secret is left at the end of a first message: %d', async (bound, words) => {
  for (const firstMessage of across(bound, words)) await withRun({ firstMessage }, () => {});
  expect(await sent()).not.toContain('Qz');
});

test('a label has its maximum length, and is redacted before it is cut', async () => {
  const [firstMessage = ''] = across(195);
  await withRun({ firstMessage }, () => {});
  const [run] = await recording.runs();
  expect(run?.firstMessage).toHaveLength(200);
  expect(run?.firstMessage).toMatch(/^words words .* \[REDACTED?\]?/);
});

test.each([180, 200, 500, 10_000, 19_995])(
  'no half secret is left in the text of an error or its stack: %d',
  async (bound) => {
    for (const message of across(bound)) {
      await withRun({}, async () => {
        throw new Error(message);
      }).catch(() => {});
    }
    expect(await sent()).not.toContain('Qz');
  },
);

test.each([0, 1])('an error is cut at a whole character: %d', async (before) => {
  const message = 'x'.repeat(before) + '🙂'.repeat(20_000);
  await withRun({ firstMessage: message }, async () => {
    throw new Error(message);
  }).catch(() => {});
  await recording.spans();
  expect(String(recording.receiver.bodies)).not.toMatch(/\\ud[89a-f]|\ufffd/i);
});

test('no half secret is left in a message or the arguments of a tool', async () => {
  recording.provider.reply(completion('ok'));
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1` });
  for (const content of across(10_000)) {
    const call = { name: 'f', arguments: content };
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'system', content },
      { role: 'user', content },
      { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: call }] },
      { role: 'tool', tool_call_id: 'call_1', content },
    ];
    await openai.chat.completions.create({ model: 'm', messages });
  }
  expect(await sent()).not.toContain('Qz');
  const [run] = await recording.runs();
  expect(String(run?.steps[0]?.span.attributes['gen_ai.input.messages'])).toContain('words words');
});

test("an encoded password in a path is redacted, also in a run's endpoint", async () => {
  recording.provider.reply(completion('ok'));
  const path = encodeURIComponent('postgres://me:Qz0123456789@db.example/x');
  await withRun({}, async () => {
    const url = `${recording.provider.url}/v1/${path}/chat/completions?db=${path}`;
    await (await fetch(url, { method: 'POST', body: '{}' })).text();
  });
  expect(await sent()).not.toContain('Qz');
  expect((await recording.runs())[0]?.endpoint).toBe(
    'POST /v1/postgres%3A%2F%2F[REDACTED]%40db.example%2Fx/chat/completions',
  );
});
