import OpenAI from 'openai';
import { attachClassification, ERROR_KINDS, withRun, withStep } from '../../src/index.js';
import { completion, openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording({ capture: undefined });
});
afterEach(() => recording.stop());

/** A turn with one model call without retries. */
async function turn(reply: Reply) {
  recording.provider.reply(reply);
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${recording.provider.url}/v1`, maxRetries: 0 });
  const ask = async () => void (await openai.chat.completions.create({ model: 'm', messages: [] }));
  await withRun({ chatId: 'c' }, () => withStep({ model: 'm' }, ask)).catch(() => {});
}

/** The replies of failed turns, and whether the turn is kept. */
const ENDINGS: readonly [name: string, reply: Reply, kept: boolean][] = [
  ['success', completion('Hello.'), false],
  ['overloaded', openaiError(529, 'overloaded', 'overloaded_error', 'busy'), false],
  ['rate_limit', openaiError(429, 'rate_limit_exceeded', 'requests', 'slow down'), false],
  ['usage_limit', openaiError(429, 'insufficient_quota', 'insufficient_quota', 'pay'), false],
  ['auth', openaiError(401, 'invalid_api_key', 'invalid_request_error', 'who'), false],
  ['config', openaiError(404, 'model_not_found', 'invalid_request_error', 'no such model'), false],
  ['timeout', openaiError(503, null, 'server_error', 'unavailable'), false],
  ['timeout by a cut socket', { type: 'cut', when: 'before-headers' }, false],
  ['generic', openaiError(500, null, 'server_error', 'Something broke'), true],
  ['generic, for good', openaiError(400, null, 'invalid_request_error', 'what is this'), true],
];

test.each(ENDINGS)('without options, a turn that ends in %s: %#', async (_, reply, kept) => {
  await turn(reply);
  await recording.stop();
  expect(recording.receiver.spans.map(({ name }) => name)).toEqual(kept ? ['chat m', 'invoke_workflow'] : []);
  expect(recording.receiver.bodies).toHaveLength(kept ? 1 : 0);
});

test.each(ERROR_KINDS.map((kind) => [kind]))(
  'an error that the application classified as %s',
  async (kind) => {
    const error = attachClassification(new Error('classified'), { kind });
    await expect(withRun({}, () => withStep({}, () => Promise.reject(error)))).rejects.toBe(error);
    await recording.stop();
    expect(recording.receiver.bodies).toHaveLength(kind === 'generic' ? 1 : 0);
  },
);
