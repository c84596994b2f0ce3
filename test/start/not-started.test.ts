import { reuseStep, startRun, withRun, withStep } from '../../src/index.js';

/** Nothing is started in this file. Each way to call a function of the application. */
const CALLS: [string, <T>(fn: () => T) => T][] = [
  ['withRun', (fn) => withRun({ chatId: 'c' }, fn)],
  ['withStep', (fn) => withStep({ operation: 'generate' }, fn)],
  ['withStep in withRun', (fn) => withRun({}, () => withStep({}, fn))],
  ['reuseStep', (fn) => reuseStep(fn)],
  ['startRun().with', (fn) => startRun({ kind: 'quickgen' }).with(fn)],
];

class ApiPromise<T> extends Promise<T> {}

describe.each(CALLS)('%s without a start', (_, call) => {
  test('returns the same result', () => {
    const promise = Promise.resolve(1);
    const ofAnSdk = ApiPromise.resolve(1);
    for (const result of [undefined, 1, promise, ofAnSdk, new Response('body')]) {
      expect(call(() => result)).toBe(result);
    }
  });

  test('rethrows the same error', async () => {
    const thrown = Object.freeze(new Error('mine'));
    const fails = () => {
      throw thrown;
    };
    expect(catching(() => call(fails))).toBe(thrown);
    const rejected = Promise.reject(thrown);
    expect(call(() => rejected)).toBe(rejected);
    await expect(rejected).rejects.toBe(thrown);
  });
});

test('the handles do nothing and do not throw', () => {
  const run = startRun({ runId: 'mine' });
  run.fail(new Error('x'));
  run.end();
  run.end();
  expect([run.id, run.traceId]).toEqual(['mine', undefined]);
  withStep({}, (step) => {
    step.fail(undefined);
    step.interrupt();
    step.complete();
    step.usage({ inputTokens: 1 });
    expect(step.number).toBe(0);
  });
});

test('invalid options do not throw', () => {
  const none = undefined as unknown as object;
  expect([withRun(none, () => 1), withStep(none, () => 2), startRun(none).with(() => 3)]).toEqual([1, 2, 3]);
});

function catching(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
