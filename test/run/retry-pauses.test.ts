import { setTimeout as sleep } from 'node:timers/promises';
import { completion, openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

const FAILED = openaiError(500, null, 'server_error', 'It broke.');
const COUNT = 'x-stainless-retry-count';

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording({ capture: 'errors', retain: 'run' });
  recording.provider.route(({ body }) => (answers.get(String(body)) ?? []).shift());
});
afterEach(() => recording.stop());

const answers = new Map<string, ReturnType<typeof completion>[]>();

/** A call that fails except for its last request. Each request has these headers and follows this pause. */
async function call(
  name: string,
  tries: readonly (readonly [pause: number, headers: Record<string, string>])[],
): Promise<void> {
  const body = JSON.stringify({ model: name, messages: [{ role: 'user', content: name }] });
  answers.set(
    body,
    tries.map((_, index) => (index < tries.length - 1 ? FAILED : completion('Hello.'))),
  );
  for (const [pause, headers] of tries) {
    await sleep(pause);
    const url = `${recording.provider.url}/v1/chat/completions`;
    await (await fetch(url, { method: 'POST', headers, body })).text();
  }
}

/** The models of the kept calls, whose failures were not joined by a retry. */
const kept = async () => (await recording.stop()).map(({ steps }) => steps[0]?.model).sort();

test('a request joins its call if it arrives when its client retries', async () => {
  const by = (name: string, header: string, value: string, pause: number) =>
    call(name, [
      [0, { [header]: value }],
      [pause, { [header]: value }],
    ]);
  await Promise.all([
    by('langchain', 'user-agent', 'langchainjs-openai/1.0.0', 1_100),
    by('langchain with a numbered SDK', COUNT, '0', 1_100),
    by('langchain with the older client of Google', 'x-goog-api-client', 'genai-js/0.24.1', 1_100),
    by('mastra', 'user-agent', 'ai-sdk/openai/2.0.53 runtime/node.js/24', 1_100),
    by('ai 7', 'user-agent', 'ai-sdk-gateway/4.0.146 node.js/24', 2_050),
    by('cohere', 'user-agent', 'cohere-ai/8.1.0', 1_000),
    by('too early', 'user-agent', 'cohere-ai/8.1.0', 200),
    by('unknown', 'user-agent', 'node', 1_100),
  ]);
  expect(await kept()).toEqual(['too early', 'unknown']);
});

test('a request numbered as the first is not a retry', async () => {
  await call('numbered', [
    [0, { [COUNT]: '0' }],
    [0, { [COUNT]: '1' }],
    [2_100, { [COUNT]: '0' }],
  ]);
  expect(await kept()).toEqual(['numbered']);
});

test('the same request after an abort by the application is another call', async () => {
  await recording.stop();
  recording = await startRecording();
  recording.provider.reply({ type: 'hang', when: 'before-headers' }, completion('Hello.'));
  // A client that retries at once.
  const headers = { 'user-agent': 'axios/1.0.0' };
  const request = { method: 'POST', headers, body: '{"model":"m","messages":[]}' };
  const url = `${recording.provider.url}/v1/chat/completions`;
  const stop = new AbortController();
  const stopped = fetch(url, { ...request, signal: stop.signal });
  await recording.provider.arrived();
  stop.abort();
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  await (await fetch(url, request)).text();
  const runs = await recording.stop();
  expect(runs.map(({ steps }) => steps.map(({ status, attempts }) => [status, attempts.length]))).toEqual([
    [['interrupted', 1]],
    [['completed', 1]],
  ]);
});
