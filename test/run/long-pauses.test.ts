import { withRun } from '../../src/index.js';
import { completion, openaiError } from '../support/openai-replies.js';
import { type Recording, startRecording } from '../support/recording.js';
import type { RunTree } from '../support/tree.js';

/** The clock of the recording, which the tests advance with the ticks of the live runs. */
const mockClock = { ahead: 0, ticks: new Set<() => void>() };
jest.mock('../../src/clock.js', () => {
  const actual = jest.requireActual<typeof import('../../src/clock.js')>('../../src/clock.js');
  const setInterval = (tick: () => void, millis: number) => {
    if (millis !== 1_000) throw new Error(`expected ticks of a second, got ${millis} ms`);
    mockClock.ticks.add(tick);
    return { unref: () => tick };
  };
  const clearInterval = (tick: () => void) => mockClock.ticks.delete(tick);
  return {
    ...actual,
    monotonicMillis: () => actual.monotonicMillis() + mockClock.ahead,
    timers: { ...actual.timers, setInterval, clearInterval },
  };
});

function pass(millis: number): void {
  for (let left = millis; left > 0; left -= 1_000) {
    mockClock.ahead += Math.min(left, 1_000);
    if (left >= 1_000) for (const tick of mockClock.ticks) tick();
  }
}

const FAILED = openaiError(500, null, 'server_error', 'It broke.');
const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
/** The headers of each attempt of `@langchain/openai`: the SDK below it is configured not to retry. */
const LANGCHAIN = { 'user-agent': 'langchainjs-openai/1.0.0', 'x-stainless-retry-count': '0' };
/** Six retries by p-retry, from a second on and twice as long each time, with a random factor up to 2. */
const SHORTEST = [1, 2, 4, 8, 16, 32].map((seconds) => seconds * 1_000);
const LONGEST = SHORTEST.map((millis) => 2 * millis);

let recording: Recording;
beforeEach(async () => {
  recording = await startRecording({ capture: 'errors' });
});
afterEach(() => recording.stop());

async function post(headers: Record<string, string> = {}, body = BODY): Promise<void> {
  const url = `${recording.provider.url}/v1/chat/completions`;
  await (await fetch(url, { method: 'POST', headers, body })).text();
}

/** An attempt, and one after each of the pauses. */
async function call(pauses: readonly number[], headers: Record<string, string>): Promise<void> {
  await post(headers);
  for (const pause of pauses) {
    pass(pause);
    await post(headers);
  }
}

const replyAfter = (failures: number) =>
  recording.provider.reply(...Array.from({ length: failures }, () => FAILED), completion('Hello.'));
const attemptsIn = (runs: readonly RunTree[]) =>
  runs.map(({ steps }) => steps.map(({ attempts }) => attempts.map(({ statusCode }) => statusCode)));
const failures = (count: number) => Array.from({ length: count }, () => 500);

describe.each([
  ['outside every run', (tries: () => Promise<void>) => tries()],
  ['inside a run', (tries: () => Promise<void>) => withRun({}, tries)],
])('%s', (_, around) => {
  test.each([
    ['the shortest', SHORTEST],
    ['the longest', LONGEST],
  ])('a call that LangChain rescues after %s of all its pauses is not kept', async (_pauses, pauses) => {
    replyAfter(pauses.length);
    await around(() => call(pauses, LANGCHAIN));
    pass(300_000);
    expect(await recording.stop()).toEqual([]);
    expect(recording.provider.requests).toHaveLength(7);
    expect(recording.handle.stats().runs).toMatchObject({ started: 1, dropped: { no_evidence: 1 } });
  });
});

test('a call whose attempts all fail is one step, sent when no retry can follow, or at the end', async () => {
  recording.provider.reply(FAILED);
  await call(LONGEST, LANGCHAIN);
  pass(129_000);
  expect(recording.handle.stats().liveRuns).toBe(1);
  pass(1_000);
  expect(recording.handle.stats().liveRuns).toBe(0);
  await call(LONGEST.slice(0, 5), LANGCHAIN);
  expect(recording.handle.stats().liveRuns).toBe(1);
  expect(attemptsIn(await recording.stop())).toEqual([[failures(7)], [failures(6)]]);
});

test('a client that numbers its attempts pauses for 8 s at most', async () => {
  recording.provider.reply(FAILED);
  for (let count = 0; count < 10; count += 1) {
    await post({ 'x-stainless-retry-count': String(count) });
    pass(8_000);
  }
  pass(7_000);
  expect(recording.handle.stats().liveRuns).toBe(0);
  expect(attemptsIn(await recording.stop())).toEqual([[failures(10)]]);
});

test('a late retry does not join the failed call of another user', async () => {
  replyAfter(5);
  await call(LONGEST.slice(0, 4), { ...LANGCHAIN, authorization: 'Bearer a' });
  pass(31_000);
  await post({ ...LANGCHAIN, authorization: 'Bearer b' });
  expect(attemptsIn(await recording.stop())).toEqual([[failures(5)]]);
  expect(recording.handle.stats().runs).toMatchObject({ started: 2, dropped: { no_evidence: 1 } });
});

test('a waiting step does not hold the body of its request, and has its shape', async () => {
  recording.provider.reply(FAILED);
  const content = 'x'.repeat(500_000);
  await post(LANGCHAIN, JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], stream: true }));
  expect(recording.handle.stats().bodyBytes).toBeGreaterThan(content.length);
  while (recording.handle.stats().bodyBytes > 1_000) {
    pass(1_000);
    await new Promise(setImmediate);
  }
  expect(recording.receiver.spans).toEqual([]);
  const [run] = await recording.stop();
  expect(run?.steps).toMatchObject([
    { operation: 'stream', span: { attributes: { 'chatdebug.request.shape': expect.any(String) } } },
  ]);
  const shape = String(run?.steps[0]?.span.attributes['chatdebug.request.shape']);
  expect(JSON.parse(shape)).toMatchObject({ format: 'openai-chat' });
  expect(shape.length).toBeLessThan(1_000);
});

test('with failureContent it holds the body until the step is written', async () => {
  await recording.stop();
  recording = await startRecording({ capture: 'errors', failureContent: true });
  recording.provider.reply(FAILED);
  await post(LANGCHAIN);
  for (let second = 0; second < 10; second += 1) {
    pass(1_000);
    await new Promise(setImmediate);
  }
  const [run] = await recording.stop();
  expect(run?.steps[0]?.attempts[0]?.requestBody).toBe(BODY);
});
