import OpenAI from 'openai';
import { type ChatDebugOptions, withRun } from '../../src/index.js';
import { openaiError } from '../support/openai-replies.js';
import type { Reply } from '../support/provider.js';
import { type Recording, startRecording } from '../support/recording.js';

export const BROKEN = openaiError(500, null, 'server_error', 'Something broke near ANSWERED');
export const question = (content: string) => ({ model: 'm', messages: [{ role: 'user' as const, content }] });

/** A recording for each test of the file that starts one, with a client of its provider. */
export function failingCalls() {
  let recording: Recording;
  let openai: OpenAI;
  afterEach(() => recording?.stop());

  async function start(options: ChatDebugOptions, maxRetries = 0): Promise<Recording> {
    recording = await startRecording({ capture: undefined, ...options });
    const { provider } = recording;
    openai = new OpenAI({ apiKey: 'sk-key', baseURL: `${provider.url}/v1`, maxRetries });
    return recording;
  }
  const ask = async (content = 'ASKED') => {
    await openai.chat.completions.create(question(content));
  };
  const stream = async (content = 'ASKED') => {
    let text = '';
    for await (const chunk of await openai.chat.completions.create({ ...question(content), stream: true }))
      text += chunk.choices[0]?.delta.content ?? '';
    return text;
  };
  const failing = (...replies: Reply[]) => {
    recording.provider.reply(...replies);
    return withRun({ chatId: 'c', ownerId: 'u' }, () => ask()).catch(() => {});
  };
  const attempts = async () =>
    (await recording.runs()).flatMap(({ steps }) => steps.flatMap((one) => one.attempts));
  return { start, ask, stream, failing, attempts };
}
