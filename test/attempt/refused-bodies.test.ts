import { withRun, withStep } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording({ maxBodyBytes: 80 });
});
afterEach(() => recording.stop());

test('a refusal that was cut keeps its own words, without its mark and without the word that was cut', async () => {
  const body = `The prompt was [TRUNCATED] before it was read, ${'and so it was refused '.repeat(10)}`;
  recording.provider.reply({
    type: 'sse',
    status: 500,
    headers: { 'content-type': 'text/plain' },
    events: [body],
    done: false,
  });
  await withRun({}, () =>
    withStep({}, async () => {
      await (await fetch(recording.provider.url)).text();
    }),
  );
  const [run] = await recording.runs();
  expect(run?.steps[0]?.attempts[0]?.errorMessage).toBe(
    'The prompt was [TRUNCATED] before it was read, and so it was refused and so it',
  );
});
