import { withRun } from '../../src/index.js';
import { BROKEN, failingCalls } from './failing-calls.js';

/** The timers of a minute, which the tests fire. */
const mockWaits = new Set<() => void>();
jest.mock('../../src/clock.js', () => {
  const actual = jest.requireActual<typeof import('../../src/clock.js')>('../../src/clock.js');
  const setTimeout = (call: () => void, millis: number) => {
    if (millis !== 60_000) return actual.timers.setTimeout(call, millis);
    mockWaits.add(call);
    return { unref: () => call };
  };
  const clearTimeout = (timer: NodeJS.Timeout | (() => void)) =>
    typeof timer === 'function' ? void mockWaits.delete(timer) : actual.timers.clearTimeout(timer);
  return { ...actual, timers: { ...actual.timers, setTimeout, clearTimeout } };
});
afterEach(() => mockWaits.clear());

const { start, ask, failing, attempts } = failingCalls();
const waiting = async (count: number): Promise<void> => {
  while (mockWaits.size !== count) await new Promise(setImmediate);
};
const unanswered = () => new Promise<boolean>(() => {});

test('a call that waits for its answer is held in memory, and written without content after a minute', async () => {
  const recording = await start({ failureContent: unanswered });
  await failing(BROKEN);
  await waiting(1);
  await recording.spans();
  expect(recording.receiver.spans.map(({ name }) => name)).toEqual(['invoke_workflow']);
  expect(recording.handle.stats().bodyBytes).toBeGreaterThan(0);
  for (const end of mockWaits) end();
  expect(await attempts()).toMatchObject([{ statusCode: 500, requestBody: undefined }]);
  expect(recording.handle.stats().bodyBytes).toBe(0);
});

test('waiting calls count towards maxBytes, and those beyond it have no content', async () => {
  const maxBytes = 300_000;
  let agree = () => {};
  const agreed = new Promise<boolean>((resolve) => {
    agree = () => resolve(true);
  });
  const recording = await start({ failureContent: () => agreed, maxBytes, keepPerFingerprint: 100 });
  recording.provider.reply(BROKEN);
  for (let call = 0; call < 20; call += 1) {
    await withRun({}, () => ask('x'.repeat(50_000))).catch(() => {});
    await waiting(call + 1);
    expect(recording.handle.stats().bodyBytes).toBeLessThanOrEqual(maxBytes);
  }
  agree();
  await waiting(0);
  const bodies = (await attempts()).map(({ requestBody }) => requestBody);
  const whole = bodies.filter((body) => body !== '[TRUNCATED]');
  expect(bodies).toHaveLength(20);
  expect(whole.length).toBeGreaterThan(0);
  expect(whole.length).toBeLessThanOrEqual(maxBytes / 50_000);
  for (const body of whole) expect(body).toContain('x'.repeat(50_000));
});
