import { withRun } from '../../src/index.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording();
});
afterEach(() => recording.stop());

/** More than a connection buffers without a reader. */
const LONG = 'x'.repeat(8_000_000);
const failure = (status: number, message = LONG) => openaiError(status, null, 'server_error', message);

/** Reads the status only. The held response is not garbage-collected, so its connection stays open. */
const kept: Response[] = [];
async function post(body: object = { model: 'm', messages: [] }): Promise<number> {
  const url = `${recording.provider.url}/v1/chat/completions`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  kept.push(response);
  return response.status;
}
afterEach(async () => {
  for (const { body, bodyUsed } of kept.splice(0)) if (!bodyUsed) await body?.cancel();
});

const inRun = (calls: () => Promise<unknown>) => withRun({}, calls);
const outside = (calls: () => Promise<unknown>) => calls();

/** For each step how its attempts ended. */
async function steps() {
  const runs = await recording.runs();
  return runs.flatMap((run) =>
    run.steps.map(({ attempts }) => attempts.map(({ statusCode, status }) => `${statusCode} ${status}`)),
  );
}

test('inside a run a retry joins the attempt whose failure was left unread', async () => {
  recording.provider.reply(failure(500), failure(429), completion('Hello.'));
  await inRun(async () => {
    for (const status of [500, 429, 200]) expect(await post()).toBe(status);
  });
  await kept[2]?.text();
  expect(await steps()).toEqual([['500 failed', '429 failed', '200 completed']]);
  expect(recording.handle.stats()).toMatchObject({ liveRuns: 0, runs: { started: 1, undecided: 0 } });
});

describe.each([
  ['inside a run', inRun],
  ['outside every run', outside],
])('%s', (_, around) => {
  test.each([
    ['after a failure that is not retryable', 400, {}],
    ['with another body', 500, { seed: 1 }],
  ])('a request %s is a step of its own', async (_when, status, other) => {
    recording.provider.reply(failure(status), completion('Hello.'));
    await around(async () => {
      await post();
      await post({ model: 'm', messages: [], ...other });
      await kept[1]?.text();
      await kept[0]?.body?.cancel();
    });
    expect(await steps()).toEqual(expect.arrayContaining([[`${status} failed`], ['200 completed']]));
  });
});

test('a failure that is read while another call is made keeps its text', async () => {
  recording.provider.reply(failure(500, 'Oh. '.repeat(5_000)), completion('Hello.'));
  await post();
  await post({ model: 'other', messages: [] });
  expect(await kept[0]?.text()).toContain('Oh.');
  await kept[1]?.text();
  const runs = await recording.runs();
  expect(runs.map(({ status, error }) => [status, error?.type])).toEqual(
    expect.arrayContaining([
      ['error', 'server_error'],
      ['completed', undefined],
    ]),
  );
});
