import { SettleQueue } from '../../src/run/settle-queue.js';

/** The queue ends a turn after some milliseconds. On a busy machine, two records may take as long. */
jest.mock('../../src/clock.js', () => ({
  ...jest.requireActual<typeof import('../../src/clock.js')>('../../src/clock.js'),
  // The fake one.
  monotonicMillis: () => performance.now(),
}));

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
afterEach(() => jest.useRealTimers());

function queue() {
  const ended = new SettleQueue({ setTimeout, clearTimeout });
  const settled: number[] = [];
  let added = 0;
  const add = (mayWait: boolean) => {
    const number = ++added;
    ended.add(() => settled.push(number), mayWait);
  };
  return { ended, settled, add };
}

test('deferred work is settled together, 50 ms after the first', () => {
  const { ended, settled, add } = queue();
  add(true);
  jest.advanceTimersByTime(30);
  add(true);
  jest.advanceTimersByTime(19);
  expect(settled).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(settled).toEqual([1, 2]);
  expect(ended.isEmpty).toBe(true);
});

test('the sixteenth deferred work settles all of them in the next turn', () => {
  const { settled, add } = queue();
  for (let i = 0; i < 16; i += 1) add(true);
  expect(settled).toEqual([]);
  jest.advanceTimersByTime(0);
  expect(settled).toHaveLength(16);
});

test('urgent work settles earlier work with it, in order', () => {
  const { settled, add } = queue();
  add(true);
  add(false);
  add(false);
  expect(settled).toEqual([]);
  jest.advanceTimersByTime(0);
  expect(settled).toEqual([1, 2, 3]);
});

test('all work can be settled at once, later work is deferred again, and work that throws fails alone', () => {
  const { ended, settled, add } = queue();
  add(true);
  ended.add(() => {
    throw new Error('odd');
  }, true);
  add(true);
  ended.settle();
  expect(settled).toEqual([1, 2]);
  jest.advanceTimersByTime(40);
  add(true);
  jest.advanceTimersByTime(49);
  expect(settled).toHaveLength(2);
  jest.advanceTimersByTime(1);
  expect(settled).toEqual([1, 2, 3]);
});
