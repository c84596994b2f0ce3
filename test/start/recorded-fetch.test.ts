import { withRun } from '../../src/index.js';
import { installFetch, isFetchInstalled, recordedFetch } from '../../src/recorded-fetch.js';
import { completion } from '../support/openai-replies.js';
import { startRecording } from '../support/recording.js';

test('on Node.js a fetch is returned unchanged, the global one stays, and each call is recorded once', async () => {
  const bare = globalThis.fetch;
  expect(recordedFetch(fetch)).toBe(bare);
  const undo = installFetch();
  expect([globalThis.fetch, isFetchInstalled()]).toEqual([bare, false]);
  const recording = await startRecording();
  recording.provider.reply(completion('Hello.'));
  const init = { method: 'POST', body: JSON.stringify({ model: 'm', messages: [] }) };
  await withRun({}, async () => {
    const response = await recordedFetch(fetch)(`${recording.provider.url}/v1/chat/completions`, init);
    await response.text();
  });
  undo();
  expect(globalThis.fetch).toBe(bare);
  const [run, ...others] = await recording.stop();
  expect([others, run?.steps.map(({ attempts }) => attempts.length)]).toEqual([[], [1]]);
});
