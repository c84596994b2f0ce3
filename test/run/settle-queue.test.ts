import { SettleQueue } from '../../src/run/settle-queue.js';

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

/**
 * Advances the fake clock, and runs all turns that are due then: if the process does not get the processor for a few
 * milliseconds, the queue spreads its work over several of them.
 */
function advance(millis: number): void {
  jest.advanceTimersByTime(millis);
  for (let turn = 0; turn < 16; turn += 1) jest.advanceTimersByTime(0);
}

test('deferred work is settled together, 50 ms after the first', () => {
  const { ended, settled, add } = queue();
  add(true);
  advance(30);
  add(true);
  advance(19);
  expect(settled).toEqual([]);
  advance(1);
  expect(settled).toEqual([1, 2]);
  expect(ended.isEmpty).toBe(true);
});

test('the sixteenth deferred work settles all of them in the next turn', () => {
  const { settled, add } = queue();
  for (let i = 0; i < 16; i += 1) add(true);
  expect(settled).toEqual([]);
  advance(0);
  expect(settled).toHaveLength(16);
});

test('urgent work settles earlier work with it, in order', () => {
  const { settled, add } = queue();
  add(true);
  add(false);
  add(false);
  expect(settled).toEqual([]);
  advance(0);
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
  advance(40);
  add(true);
  advance(49);
  expect(settled).toHaveLength(2);
  advance(1);
  expect(settled).toEqual([1, 2, 3]);
});
