import { withRun, withStep } from '../../src/index.js';
import { type Recording, startRecording } from '../support/recording.js';

let recording: Recording;
afterEach(() => recording.stop());

const fail = () =>
  withStep({}, () => {
    throw new Error('unexpected');
  });

test('the process lists the kept runs of a chat before any backend does', async () => {
  recording = await startRecording({ capture: 'errors' });
  const before = Date.now();
  for (const runId of ['first', 'good', 'second']) {
    const call = runId === 'good' ? () => 1 : fail;
    await Promise.resolve()
      .then(() => withRun({ runId, chatId: 'c', kind: 'quickgen' }, call))
      .catch(() => {});
  }
  expect(() => withRun({ chatId: 'other' }, fail)).toThrow('unexpected');
  const [first] = (await recording.runs()).filter(({ id }) => id === 'first');
  expect(recording.handle.keptRuns('c')).toEqual([
    expect.objectContaining({ runId: 'second' }),
    { runId: 'first', traceId: first?.traceId, kind: 'quickgen', startTimeMillis: expect.any(Number) },
  ]);
  // The times of runs may differ from the system clock by 2 ms.
  expect(recording.handle.keptRuns('c')[1]?.startTimeMillis).toBeGreaterThanOrEqual(before - 2);
  expect(recording.handle.keptRuns('nobody')).toEqual([]);
});

test('the capture of a future run', async () => {
  recording = await startRecording({
    capture: 'errors',
    captureFor: async (chat, ownerId) => {
      if (chat.chatId === 'broken') throw new Error('no');
      return ownerId === 'debugged' ? 'full' : 'off';
    },
  });
  const { captureOf } = recording.handle;
  expect(await captureOf({ chatId: 'c', ownerId: 'debugged' })).toBe('full');
  expect(await captureOf({ chatId: 'c' })).toBe('off');
  expect(await captureOf({ chatId: 'broken' })).toBe('errors');
  expect(await captureOf({ chatId: 'c', capture: 'full' })).toBe('full');
});

test('without a function the configured capture', async () => {
  recording = await startRecording({ capture: 'full' });
  expect(await recording.handle.captureOf({})).toBe('full');
});
