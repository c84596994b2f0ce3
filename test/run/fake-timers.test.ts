import { withRun, withStep } from '../../src/index.js';
import { openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording({ capture: 'errors', keepPerFingerprint: 100 });
});
afterEach(async () => {
  jest.useRealTimers();
  await recording.stop();
});

test('with fake timers each failed call is recorded, and no fake timer belongs to the package', async () => {
  recording.provider.reply(openaiError(400, null, 'invalid_request_error', 'Odd'));
  const started = Date.now();
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'], now: 0 });
  for (let call = 0; call < 40; call += 1) {
    await withRun({ chatId: `chat ${call}` }, () =>
      withStep({}, async () => {
        const answer = await fetch(`${recording.provider.url}/v1/chat/completions`, {
          method: 'POST',
          body: '{}',
        });
        await answer.text();
        if (!answer.ok) throw new Error('unexpected');
      }),
    ).catch(() => {});
  }
  const count = jest.getTimerCount();
  jest.useRealTimers();
  await recording.receiver.waitForSpans(80);
  expect(count).toBe(0);
  const starts = recording.receiver.spans.map(({ startTimeUnixNano }) => Number(startTimeUnixNano) / 1e6);
  expect(Math.min(...starts)).toBeGreaterThan(started - 1_000);
});
