import { setImmediate as nextTurn } from 'node:timers/promises';
import { WorkInTurns } from '../../src/delivery/work-in-turns.js';

/** More than half of the time of a turn. */
const STEP_MILLIS = 3;

function busy(): void {
  const until = performance.now() + STEP_MILLIS;
  while (performance.now() < until);
}

let done: number;
let work: WorkInTurns;
beforeEach(() => {
  done = 0;
  work = new WorkInTurns((error) => {
    throw error;
  });
});
afterEach(() => work.finish());
const step = () => {
  busy();
  done += 1;
};
const add = (count: number, isLong: boolean) => {
  for (let index = 0; index < count; index += 1) work.add(step, isLong);
};

test('long works begin only while the turn has time', async () => {
  add(20, true);
  expect(done).toBeLessThanOrEqual(2);
  for (let before = done; done < 20; before = done) {
    await nextTurn();
    expect(done - before).toBeLessThanOrEqual(2);
  }
});

test('eight short works run in the call that adds them, regardless of their time', async () => {
  add(20, false);
  expect(done).toBe(8);
});

test('later works do not overtake a waiting long one', () => {
  const order: string[] = [];
  const noted = (name: string) => () => {
    order.push(name);
    busy();
  };
  for (const name of ['a', 'b', 'c']) work.add(noted(name), true);
  work.add(noted('short'));
  expect(order).not.toContain('short');
  work.finish();
  expect(order.join()).toBe('a,b,c,short');
});

test('the steps of one work are spread over turns, and all of them run at the end of the process', async () => {
  function* steps(): Generator<void> {
    for (let index = 0; index < 10; index += 1) {
      step();
      yield;
    }
  }
  work.add(steps, true);
  expect(done).toBeLessThanOrEqual(2);
  await nextTurn();
  expect(done).toBeLessThanOrEqual(4);
  work.finish();
  expect(done).toBe(10);
});

test('a work that throws is reported, and the others run', () => {
  const failed: unknown[] = [];
  work = new WorkInTurns((error) => failed.push(error));
  work.add(() => {
    throw new Error('full');
  });
  add(1, false);
  expect([failed.map(String), done]).toEqual([['Error: full'], 1]);
});
