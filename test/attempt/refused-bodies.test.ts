import { withRun, withStep } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording({ maxBodyBytes: 80 });
});
afterEach(() => recording.stop());

test('the error of a refused request does not depend on how much of its body is recorded', async () => {
  const body = `The prompt was [TRUNCATED] before it is read, ${'and so it was refused '.repeat(10)}`;
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
  const [attempt] = run?.steps[0]?.attempts ?? [];
  expect(attempt?.errorMessage).toBe(body.trim());
  expect(attempt?.responseBody).toBe(`${body.slice(0, body.lastIndexOf(' ', 80) + 1)}[TRUNCATED]`);
});
