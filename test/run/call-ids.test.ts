import { Agent, fetch as undiciFetch } from 'undici';
import { withRun } from '../../src/index.js';
import { completion } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

const FAILED = { type: 'json', status: 500, body: { message: 'It broke.' } } as const;
const ANSWERED = {
  type: 'json',
  body: { output: { message: { role: 'assistant', content: [{ text: 'Hi.' }] } }, stopReason: 'end_turn' },
} as const;
const ID = '8c2c1c4e-9f43-4a0b-9f6d-2f0d3a6f3b11';
const OTHER_ID = '11111111-9f43-4a0b-9f6d-2f0d3a6f3b11';

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

/** An attempt of the AWS SDK: each has a signature of its own. */
async function converse(id: string, attempt: number, key = 'AKIDALICE', words = 'Hi'): Promise<void> {
  const response = await fetch(`${recording.provider.url}/model/amazon.nova-lite-v1%3A0/converse`, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=${id}${attempt}`,
      'amz-sdk-invocation-id': id,
      'amz-sdk-request': `attempt=${attempt}; max=3`,
    },
    body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: words }] }] }),
  });
  await response.text();
}

/** The status codes of each step. */
const outline = async () =>
  (await recording.runs()).flatMap(({ steps }) =>
    steps.map(({ attempts }) => attempts.map(({ statusCode }) => statusCode)),
  );

test('attempts with one call id of the AWS SDK are one step, regardless of pauses', async () => {
  recording.provider.reply(FAILED, FAILED, ANSWERED);
  for (const attempt of [1, 2, 3]) await converse(ID, attempt);
  expect(await outline()).toEqual([[500, 500, 200]]);
});

describe('in errors mode', () => {
  beforeEach(async () => {
    await recording.stop();
    recording = await startRecording({ capture: 'errors' });
  });

  test('a call that a retry saves is not kept', async () => {
    recording.provider.reply(FAILED, ANSWERED);
    for (const attempt of [1, 2]) await converse(ID, attempt);
    expect(await outline()).toEqual([]);
  });

  test('a call that fails in the end is one step', async () => {
    recording.provider.reply(FAILED);
    for (const attempt of [1, 2, 3]) await converse(ID, attempt);
    expect(await outline()).toEqual([[500, 500, 500]]);
  });
});

test.each([
  ['another call', () => converse(OTHER_ID, 1)],
  ['another user', () => converse(ID, 2, 'AKIDBOB')],
  ['another request', () => converse(ID, 2, 'AKIDALICE', 'Bye')],
  ['a call with an invalid id', () => converse('1', 2)],
])('%s is not a retry', async (_, other) => {
  recording.provider.reply(FAILED, ANSWERED);
  await converse(ID, 1);
  await other();
  expect(await outline()).toEqual([[500], [200]]);
});

test('an id shared by all calls joins nothing', async () => {
  recording.provider.reply(FAILED, ANSWERED);
  await converse('1', 1);
  await converse('1', 2);
  expect(await outline()).toEqual([[500], [200]]);
});

test("Azure's clients", async () => {
  const { port } = new URL(recording.provider.url);
  // The host name is Azure's, the address is the provider's.
  const dispatcher = new Agent({
    connect: { lookup: (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]) },
  });
  const post = async (id: string) => {
    const response = await undiciFetch(`http://acme.services.ai.azure.com:${port}/models/chat/completions`, {
      method: 'POST',
      headers: { 'api-key': 'none', 'x-ms-client-request-id': id },
      body: JSON.stringify({ model: 'm', messages: [] }),
      dispatcher,
    });
    await response.text();
  };
  recording.provider.reply(FAILED, completion('Hi.'), FAILED, completion('Hi.'));
  await post(ID);
  await post(ID);
  await withRun({}, async () => {
    await post(OTHER_ID);
    await post(OTHER_ID);
  });
  expect(await outline()).toEqual([
    [500, 200],
    [500, 200],
  ]);
  await dispatcher.close();
});
